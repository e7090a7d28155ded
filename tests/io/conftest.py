"""Certificates for the tests of TLS, made once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from attrs import frozen

from ocpp16cp.io.tls import OwnCertificate


@frozen
class Certificates:
    """An authority, certificates of it, and some that something is wrong with."""

    folder: Path
    authority: trustme.CA
    stranger: trustme.CA
    """An authority that nobody trusts."""

    @property
    def trust(self) -> str:
        """The authority, in PEM."""
        return self.authority.cert_pem.bytes().decode()

    def write(self, name: str, leaf: trustme.LeafCert) -> OwnCertificate:
        """Put a certificate into files."""
        own = OwnCertificate(self.folder / f"{name}-chain.pem", key_file=self.folder / f"{name}-key.pem")
        own.chain_file.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        own.key_file.write_bytes(leaf.private_key_pem.bytes())
        return own

    def server(self) -> OwnCertificate:
        """Good for localhost and 127.0.0.1."""
        return self.write("server", self.authority.issue_cert("localhost", "127.0.0.1"))

    def of_a_stranger(self) -> OwnCertificate:
        """Good, but for its authority."""
        return self.write("strange", self.stranger.issue_cert("localhost", "127.0.0.1"))

    def for_another_host(self) -> OwnCertificate:
        """Good, but for its name."""
        return self.write("elsewhere", self.authority.issue_cert("elsewhere.example"))

    def expired(self) -> OwnCertificate:
        """Good, once."""
        leaf = self.authority.issue_cert(
            "localhost",
            "127.0.0.1",
            not_before=datetime(2019, 1, 1, tzinfo=UTC),
            not_after=datetime(2020, 1, 1, tzinfo=UTC),
        )
        return self.write("expired", leaf)

    def station(self) -> OwnCertificate:
        """What a charge point shows, with its serial number as common name."""
        return self.write("station", self.authority.issue_cert("CP1", common_name="SN-0001"))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """What there is in certificates."""
    return Certificates(tmp_path_factory.mktemp("certificates"), trustme.CA(), trustme.CA())
