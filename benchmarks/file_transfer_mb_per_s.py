"""How many megabytes a second come and go through each protocol, beside curl on the same server in the same run.

200 MB (`--quick`: 50 MB) over loopback: down into a file, and up from it. The servers are those of the tests: uvicorn
with starlette for HTTP, pyftpdlib for FTP, with TLS where the name ends in `s`; the FTPS server takes only data
connections that go on with the session of the control connection. Each transfer is a process of its own, timed from
the first byte of the request to the end, without the start of the interpreter; *peak* is its memory, resident, of which
the interpreter with httpx has 45 MiB alone. curl's figure is its own.

    python -m benchmarks.file_transfer_mb_per_s [--quick]

Needs curl.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import anyio
import trustme

from ocpp16cp.io.files import FileTransfer
from ocpp16cp.io.tls import OwnCertificate, client_context
from tests.io.files.servers import ftp_server, http_server

ROUNDS = 3


async def transfer(way: str, url: str, authority: str, path: str) -> None:
    """One transfer of ours, in a process of its own: print seconds and peak memory as JSON."""
    files = FileTransfer(client_context(authorities=Path(authority)))
    start = perf_counter()
    if way == "down":
        await files.download(f"{url}/big", Path(path))
    else:
        await files.upload(Path(path), url, name="up")
    seconds = perf_counter() - start
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def ours(way: str, url: str, authority: Path, path: Path) -> tuple[float, float]:
    """Seconds and peak memory of one transfer of ours."""
    command = [sys.executable, "-m", "benchmarks.file_transfer_mb_per_s", "--one", way, url, str(authority), str(path)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak_mib = json.loads(output)
    return seconds, peak_mib


def curls(way: str, url: str, authority: Path, path: Path) -> float:
    """Seconds of one transfer of curl's."""
    # To curl, `ftps` is the implicit form.
    plain = url.replace("ftps://", "ftp://")
    tls = ["--ssl-reqd"] if plain != url else []
    direction = ["-o", str(path), f"{plain}/big"] if way == "down" else ["-T", str(path), f"{plain}/up"]
    command = ["curl", "-sf", "--cacert", str(authority), *tls, "-w", "%{time_total}", *direction]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(output.rpartition("\n")[2])


@contextmanager
def servers(folder: Path, certificates: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """All four servers, and the authority that their certificates are of."""
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1")
    own = OwnCertificate(certificates / "chain.pem", key_file=certificates / "key.pem")
    own.chain_file.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    own.key_file.write_bytes(leaf.private_key_pem.bytes())
    authority.cert_pem.write_to_path(str(certificates / "authority.pem"))
    with ExitStack() as stack:
        yield (
            certificates / "authority.pem",
            {
                "http": f"{stack.enter_context(http_server(folder))}/files",
                "https": f"{stack.enter_context(http_server(folder, certificate=own))}/files",
                "ftp": stack.enter_context(ftp_server(folder)),
                "ftps": stack.enter_context(ftp_server(folder, "--resumed", certificate=own)),
            },
        )


def measure(megabytes: int) -> None:
    """Print the table."""
    with TemporaryDirectory() as scratch:
        folder, certificates = Path(scratch, "served"), Path(scratch, "certificates")
        folder.mkdir()
        certificates.mkdir()
        with (folder / "big").open("wb") as file:
            for _ in range(megabytes):
                file.write(os.urandom(1_000_000))
        with servers(folder, certificates) as (authority, urls):
            print(f"{'':12}{'ours, MB/s':>12}{'curl, MB/s':>12}{'ratio':>8}{'peak, MiB':>11}")
            for scheme, url in urls.items():
                for way in ("down", "up"):
                    path = Path(scratch, "got") if way == "down" else folder / "big"
                    rounds = [
                        (*ours(way, url, authority, path), curls(way, url, authority, path)) for _ in range(ROUNDS)
                    ]
                    our_s, peak_mib, curl_s = (statistics.median(column) for column in zip(*rounds, strict=True))
                    print(
                        f"{scheme + ' ' + way:12}{megabytes / our_s:12.0f}{megabytes / curl_s:12.0f}"
                        f"{curl_s / our_s:8.2f}{peak_mib:11.0f}",
                        flush=True,
                    )


def main() -> None:
    """Measure, or be what is measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a quarter of the size")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        anyio.run(transfer, *options.one)
    else:
        measure(50 if options.quick else 200)


if __name__ == "__main__":
    main()
