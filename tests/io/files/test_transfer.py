from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import anyio
import pytest
from attrs import evolve

from ocpp16cp.io.files import FailureReason, FileTransfer, Progress, TransferFailed, TransferLimits
from ocpp16cp.io.tls import client_context
from tests.io.conftest import Certificates
from tests.io.files.conftest import CONTENT
from tests.io.files.servers import CREDENTIALS, ftp_server, http_server, relay
from tests.io.websocket_peers import RawPeer, raw_server

pytestmark = pytest.mark.anyio

SCHEMES = ("http", "https", "ftp", "ftps")


async def failure(transfer: FileTransfer, location: str, target: Path) -> TransferFailed:
    """How a download fails."""
    with pytest.raises(TransferFailed) as caught:
        await transfer.download(location, target)
    return caught.value


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_download_puts_the_whole_file_in_place(
    scheme: str, roots: dict[str, str], transfer: FileTransfer, tmp_path: Path
) -> None:
    target = tmp_path / "firmware.bin"
    target.write_bytes(b"the old one")
    seen: list[Progress] = []

    await transfer.download(f"{roots[scheme]}/image.bin", target, on_progress=seen.append)

    assert target.read_bytes() == CONTENT
    assert seen[0] == Progress(0, len(CONTENT))
    assert seen[-1] == Progress(len(CONTENT), len(CONTENT))
    assert not any(each.exists() for each in (target.with_suffix(".bin.part"), target.with_suffix(".bin.part.json")))


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_upload_brings_the_whole_file(
    scheme: str, roots: dict[str, str], transfer: FileTransfer, served: Path, tmp_path: Path
) -> None:
    source = tmp_path / "log.zip"
    source.write_bytes(CONTENT[:-7])
    seen: list[Progress] = []

    await transfer.upload(source, f"{roots[scheme]}/", name=f"{scheme} 1.zip", on_progress=seen.append)

    assert (served / f"{scheme} 1.zip").read_bytes() == CONTENT[:-7]
    assert seen[-1] == Progress(len(CONTENT) - 7, len(CONTENT) - 7)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_an_empty_file_is_a_file(
    scheme: str, roots: dict[str, str], transfer: FileTransfer, served: Path, tmp_path: Path
) -> None:
    source, target = tmp_path / "nothing", tmp_path / "still nothing"
    source.touch()

    await transfer.upload(source, roots[scheme], name=f"empty-{scheme}")
    await transfer.download(f"{roots[scheme]}/empty-{scheme}", target)

    assert target.read_bytes() == b""


async def test_ftp_goes_into_directories_step_by_step(ftp: str, transfer: FileTransfer, tmp_path: Path) -> None:
    """The path of a URL is decoded segment by segment (RFC 1738 §3.2.2)."""
    await transfer.download(f"{ftp}/sub%20dir/image%20%C3%A9.bin", tmp_path / "one")
    await transfer.download(f"{ftp}//sub%20dir/image%20%C3%A9.bin", tmp_path / "two")

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() == CONTENT


async def test_http_follows_where_it_is_referred_to(
    http: str, transfer: FileTransfer, served: Path, tmp_path: Path
) -> None:
    await transfer.download(f"{http}/moved/image.bin", tmp_path / "image")
    await transfer.upload(tmp_path / "image", f"{http}/moved", name="referred")

    assert (served / "referred").read_bytes() == CONTENT


async def test_a_broken_http_download_goes_on_where_it_broke_off(
    http: str, transfer: FileTransfer, tmp_path: Path
) -> None:
    target = tmp_path / "firmware.bin"
    seen: list[Progress] = []
    async with relay(http, 2_000_000, 100_000) as url:
        broken = [await failure(transfer, f"{url}/files/image.bin", target) for _ in range(2)]
        assert not target.exists()

        await transfer.download(f"{url}/files/image.bin", target, on_progress=seen.append)

    assert {each.reason for each in broken} == {FailureReason.TRUNCATED}
    assert 1_900_000 < seen[0].done_bytes < 2_100_000
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("scheme", ["ftp", "ftps"])
async def test_a_broken_ftp_download_goes_on_where_it_broke_off(
    scheme: str, certificates: Certificates, served: Path, transfer: FileTransfer, tmp_path: Path
) -> None:
    target = tmp_path / "firmware.bin"
    seen: list[Progress] = []
    certificate = certificates.server() if scheme == "ftps" else None
    with ftp_server(served, "--cut", "1000000", certificate=certificate) as url:
        broken = await failure(transfer, f"{url}/image.bin", target)

        await transfer.download(f"{url}/image.bin", target, on_progress=seen.append)

    assert broken.reason is FailureReason.INTERRUPTED
    assert seen[0].done_bytes > 0
    assert target.read_bytes() == CONTENT


async def test_another_version_of_the_file_is_fetched_from_its_beginning(
    transfer: FileTransfer, tmp_path: Path
) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "image.bin").write_bytes(CONTENT)
    with http_server(folder) as server:
        async with relay(server, 2_000_000) as url:
            await failure(transfer, f"{url}/files/image.bin", tmp_path / "got")
            # Shorter than what has come already, so its rest cannot even be asked for.
            (folder / "image.bin").write_bytes(b"a smaller one")

            await transfer.download(f"{url}/files/image.bin", tmp_path / "got")

    assert (tmp_path / "got").read_bytes() == b"a smaller one"


async def test_what_came_of_another_location_is_not_gone_on_with(
    http: str, transfer: FileTransfer, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    async with relay(http, 2_000_000) as url:
        await failure(transfer, f"{url}/files/image.bin", tmp_path / "got")

    await transfer.download(f"{http}/files/image.bin", tmp_path / "got", on_progress=seen.append)

    assert seen[0].done_bytes == 0


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_missing_file_is_told_from_a_wrong_password(
    scheme: str, roots: dict[str, str], transfer: FileTransfer, tmp_path: Path
) -> None:
    missing = await failure(transfer, f"{roots[scheme]}/nothing.bin", tmp_path / "x")

    assert missing.reason is FailureReason.NOT_FOUND


@pytest.mark.parametrize("scheme", ["https", "ftp", "ftps"])
async def test_a_wrong_password_is_denied_and_not_shown(
    scheme: str, roots: dict[str, str], transfer: FileTransfer, tmp_path: Path
) -> None:
    location = f"{roots[scheme]}/image.bin".replace(CREDENTIALS, "user:hunter2")

    denied = await failure(transfer, location, tmp_path / "x")

    assert denied.reason is FailureReason.DENIED
    assert "hunter2" not in str(denied)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_an_unknown_host_is_said_to_be_unknown(scheme: str, transfer: FileTransfer, tmp_path: Path) -> None:
    unknown = await failure(transfer, f"{scheme}://files.invalid/image.bin", tmp_path / "x")

    assert (unknown.reason, str(unknown)) == (FailureReason.NAME_RESOLUTION, "the name 'files.invalid' is not known")


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_nobody_listening_is_said(
    scheme: str, free_tcp_port: int, transfer: FileTransfer, tmp_path: Path
) -> None:
    refused = await failure(transfer, f"{scheme}://127.0.0.1:{free_tcp_port}/image.bin", tmp_path / "x")

    assert refused.reason is FailureReason.CONNECTION


@pytest.mark.parametrize("scheme", ["https", "ftps"])
async def test_a_certificate_of_an_unknown_authority_is_not_accepted(
    scheme: str, roots: dict[str, str], tmp_path: Path
) -> None:
    strict = FileTransfer(client_context())

    refused = await failure(strict, f"{roots[scheme]}/image.bin", tmp_path / "x")

    assert refused.reason is FailureReason.TLS
    assert "certificate is not accepted" in str(refused)


async def test_a_location_must_be_one(transfer: FileTransfer, tmp_path: Path) -> None:
    reasons = {
        location: (await failure(transfer, location, tmp_path / "x")).reason
        for location in (
            "sftp://host/x",
            "image.bin",
            "http://",
            "http://[::1/x",
            "ftp://user:hunter2/x@host",
            "ftp://host/a%0D%0ADELE b",
        )
    }

    assert reasons == {
        "sftp://host/x": FailureReason.UNSUPPORTED_SCHEME,
        "image.bin": FailureReason.UNSUPPORTED_SCHEME,
        "http://": FailureReason.BAD_LOCATION,
        "http://[::1/x": FailureReason.BAD_LOCATION,
        "ftp://user:hunter2/x@host": FailureReason.BAD_LOCATION,
        "ftp://host/a%0D%0ADELE b": FailureReason.BAD_LOCATION,
    }


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_file_that_is_too_large_is_not_fetched(
    scheme: str, roots: dict[str, str], transfer: FileTransfer, tmp_path: Path
) -> None:
    small = evolve(transfer, limits=TransferLimits(max_bytes=2_000_000))

    refused = await failure(small, f"{roots[scheme]}/image.bin", tmp_path / "x")

    assert (refused.reason, str(refused)) == (
        FailureReason.TOO_LARGE,
        "3000000 bytes, more than the 2000000 that are allowed",
    )


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_disk_without_space_is_not_filled(
    scheme: str, roots: dict[str, str], transfer: FileTransfer, tmp_path: Path
) -> None:
    careful = evolve(transfer, limits=TransferLimits(reserve_bytes=2**60))

    refused = await failure(careful, f"{roots[scheme]}/image.bin", tmp_path / "x")

    assert refused.reason is FailureReason.DISK_FULL


async def test_a_disk_that_is_full_after_all_is_told(http: str, transfer: FileTransfer, tmp_path: Path) -> None:
    (tmp_path / "x.part").symlink_to("/dev/full")

    refused = await failure(transfer, f"{http}/files/image.bin", tmp_path / "x")

    assert refused.reason is FailureReason.DISK_FULL


async def test_a_target_that_cannot_be_written_is_told(http: str, transfer: FileTransfer, tmp_path: Path) -> None:
    refused = await failure(transfer, f"{http}/files/image.bin", tmp_path / "missing" / "x")

    assert refused.reason is FailureReason.LOCAL
    assert "No such file or directory" in str(refused)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_source_that_cannot_be_read_is_told(
    scheme: str, roots: dict[str, str], transfer: FileTransfer, tmp_path: Path
) -> None:
    with pytest.raises(TransferFailed) as caught:
        await transfer.upload(tmp_path / "missing", roots[scheme], name="x")

    assert caught.value.reason is FailureReason.LOCAL


async def test_a_silent_server_is_given_up(transfer: FileTransfer, served: Path, tmp_path: Path) -> None:
    impatient = evolve(transfer, limits=TransferLimits(silence_s=0.2))

    async def silent(peer: RawPeer) -> None:
        await peer.receive_head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await peer.until_gone()

    with ftp_server(served, "--stall") as ftp:
        over_ftp = await failure(impatient, f"{ftp}/image.bin", tmp_path / "x")
    async with raw_server(silent) as url:
        over_http = await failure(impatient, f"{url.replace('ws', 'http')}/image.bin", tmp_path / "y")

    assert {over_ftp.reason, over_http.reason} == {FailureReason.TIMED_OUT}


async def test_a_transfer_that_takes_too_long_is_given_up(transfer: FileTransfer, served: Path, tmp_path: Path) -> None:
    impatient = evolve(transfer, limits=TransferLimits(total_s=0.3))

    async def slow(peer: RawPeer) -> None:
        await peer.receive_head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await peer.until_gone()

    with ftp_server(served, "--stall") as ftp:
        over_ftp = await failure(impatient, f"{ftp}/image.bin", tmp_path / "x")
    async with raw_server(slow) as url:
        over_http = await failure(impatient, f"{url.replace('ws', 'http')}/image.bin", tmp_path / "y")

    for each in (over_ftp, over_http):
        assert (each.reason, str(each)) == (FailureReason.TIMED_OUT, "not done within 0.3 s")


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_cancelled_download_ends_soon_and_keeps_what_has_come(
    scheme: str, roots: dict[str, str], transfer: FileTransfer, tmp_path: Path
) -> None:
    target, seen = tmp_path / "x", list[Progress]()
    with anyio.CancelScope() as scope:

        def cancel(progress: Progress) -> None:
            if progress.done_bytes > 0:
                scope.cancel()

        await transfer.download(f"{roots[scheme]}/image.bin", target, on_progress=cancel)

    assert scope.cancelled_caught
    assert not target.exists()
    await transfer.download(f"{roots[scheme]}/image.bin", target, on_progress=seen.append)
    assert seen[0].done_bytes > 0
    assert target.read_bytes() == CONTENT


ANSWERS: dict[str, tuple[bytes, FailureReason]] = {
    "cut short": (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", FailureReason.TRUNCATED),
    "no HTTP": (b"220 this is another service\r\n", FailureReason.INTERRUPTED),
    "encoded": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        FailureReason.REFUSED,
    ),
    "no range asked for": (
        b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-7/8\r\nContent-Length: 3\r\n\r\nabc",
        FailureReason.REFUSED,
    ),
    "error": (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", FailureReason.REFUSED),
    "referred elsewhere": (
        b"HTTP/1.1 302 Found\r\nLocation: gopher://host/x\r\nContent-Length: 0\r\n\r\n",
        FailureReason.REFUSED,
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_an_answer_that_is_no_file_is_none(case: str, transfer: FileTransfer, tmp_path: Path) -> None:
    answer, reason = ANSWERS[case]

    async def script(peer: RawPeer) -> None:
        await peer.receive_head()
        await peer.send(answer)

    async with raw_server(script) as url:
        refused = await failure(transfer, f"{url.replace('ws', 'http')}/image.bin", tmp_path / "x")

    assert refused.reason is reason
    assert not (tmp_path / "x").exists()


def test_a_failure_travels_between_processes() -> None:
    failed = TransferFailed(FailureReason.DENIED, "no")

    again: Any = pickle.loads(pickle.dumps(failed))

    assert (again.reason, str(again)) == (FailureReason.DENIED, "no")
