"""A file, and servers that have it; started once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from ocpp16cp.io.files import FileTransfer
from ocpp16cp.io.tls import client_context
from tests.io.conftest import Certificates
from tests.io.files.servers import CREDENTIALS, ftp_server, http_server

CONTENT = Random(1).randbytes(3_000_000)
"""An image: more than a block of any of the protocols, and no multiple of one."""


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the servers serve."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "image.bin").write_bytes(CONTENT)
    (folder / "sub dir").mkdir()
    (folder / "sub dir" / "image é.bin").write_bytes(CONTENT)
    return folder


@pytest.fixture(scope="session")
def http(served: Path) -> Iterator[str]:
    """The root of a web server."""
    with http_server(served) as url:
        yield url


@pytest.fixture(scope="session")
def https(served: Path, certificates: Certificates) -> Iterator[str]:
    """The root of a web server with TLS."""
    with http_server(served, certificate=certificates.server()) as url:
        yield url


@pytest.fixture(scope="session")
def ftp(served: Path) -> Iterator[str]:
    """The root of an FTP server, with credentials."""
    with ftp_server(served) as url:
        yield url


@pytest.fixture(scope="session")
def ftps(served: Path, certificates: Certificates) -> Iterator[str]:
    """The root of an FTP server that wants TLS, and its session on data connections too."""
    with ftp_server(served, "--resumed", certificate=certificates.server()) as url:
        yield url


@pytest.fixture
def roots(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where files are to be had by each protocol, and brought to."""
    return {
        "http": f"{request.getfixturevalue('http')}/files",
        "https": f"{request.getfixturevalue('https')}/private".replace("://", f"://{CREDENTIALS}@"),
        "ftp": request.getfixturevalue("ftp"),
        "ftps": request.getfixturevalue("ftps"),
    }


@pytest.fixture
def transfer(certificates: Certificates) -> FileTransfer:
    """What trusts the servers here."""
    return FileTransfer(client_context(authorities=certificates.trust))
