from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ocpp16cp.errors import UsageError
from ocpp16cp.io.tls import OwnCertificate, client_context, server_context
from tests.io.conftest import Certificates


@pytest.fixture
def files(certificates: Certificates, tmp_path: Path) -> Path:
    server = certificates.server()
    (tmp_path / "chain.pem").write_bytes(server.chain_file.read_bytes())
    (tmp_path / "key.pem").write_bytes(server.key_file.read_bytes())
    other = certificates.of_a_stranger()
    (tmp_path / "other-key.pem").write_bytes(other.key_file.read_bytes())
    key = serialization.load_pem_private_key(server.key_file.read_bytes(), None)
    (tmp_path / "encrypted-key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password"),
        )
    )
    (tmp_path / "notes.txt").write_text("no PEM, café", "utf-8")
    write_with_a_short_key(tmp_path)
    return tmp_path


def write_with_a_short_key(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_valid_after=datetime(2040, 1, 1, tzinfo=UTC),
    )
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "short-chain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "short-key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def test_authorities_may_be_a_file_with_comments(files: Path, certificates: Certificates) -> None:
    bundle = files / "bundle.pem"
    bundle.write_text(f"Autorité\n{certificates.trust}\nAnother\n{certificates.trust}", "utf-8")

    context = client_context(authorities=bundle)

    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("authorities", "message"),
    [
        (Path("missing.pem"), "'missing.pem' cannot be read: no such file or directory"),
        (Path("notes.txt"), "'notes.txt' does not hold certificates in PEM"),
        (Path("key.pem"), "'key.pem' does not hold certificates in PEM"),
        ("", "the text given does not hold certificates in PEM"),
    ],
)
def test_what_is_wrong_with_authorities_is_told(
    authorities: str | Path, message: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)

    with pytest.raises(UsageError) as caught:
        client_context(authorities=authorities)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("chain", "key", "message"),
    [
        ("missing.pem", "key.pem", "'missing.pem' cannot be read: no such file or directory"),
        ("chain.pem", "missing.pem", "'missing.pem' cannot be read: no such file or directory"),
        ("notes.txt", "key.pem", "'notes.txt' does not hold certificates in PEM"),
        ("chain.pem", "notes.txt", "'notes.txt' does not hold a private key in PEM, not encrypted"),
        (
            "chain.pem",
            "encrypted-key.pem",
            "'encrypted-key.pem' does not hold a private key in PEM, not encrypted",
        ),
        (
            "chain.pem",
            "other-key.pem",
            "the key in 'other-key.pem' is not that of the certificate in 'chain.pem'",
        ),
        (
            "short-chain.pem",
            "short-key.pem",
            "the certificate in 'short-chain.pem' cannot be used: ee key too small",
        ),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told(
    chain: str, key: str, message: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)

    with pytest.raises(UsageError) as caught:
        server_context(OwnCertificate(Path(chain), key_file=Path(key)))

    assert str(caught.value) == message
