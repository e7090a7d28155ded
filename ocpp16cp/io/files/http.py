"""Files over HTTP and HTTPS, by httpx."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import IO

import httpx
from anyio import CancelScope, to_thread

from .failures import FailureReason, TransferFailed, of_connection, of_local
from .gauge import Gauge, TransferLimits
from .locations import Location
from .partial import Partial

BLOCK_BYTES = 1024 * 1024
"""So much is read or written at once: smaller ones spend their time on the way to the worker thread."""

_MAX_REDIRECTS = 5
_SCHEMES = ("http", "https")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED)
_MISSING = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_REPEATED_AS_IT_IS = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)


async def download(location: Location, partial: Partial, gauge: Gauge, context: ssl.SSLContext) -> None:
    """Fetch a file, or what is missing of it."""
    wants_rest = partial.size > 0 and partial.validator is not None
    headers = {"Range": f"bytes={partial.size}-", "If-Range": partial.validator or ""} if wants_rest else {}

    def request(client: httpx.AsyncClient, url: httpx.URL) -> httpx.Request:
        return client.build_request("GET", url, headers=headers)

    with _explained(location.host, gauge):
        async with _exchange(location, request, gauge.limits, context) as response:
            if response.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not wants_rest:
                await _receive(response, partial, gauge)
                return
    # The file there is another one by now, and shorter than what has come of the old one.
    partial.restart(None)
    await download(location, partial, gauge, context)


async def upload(source: Path, size: int, location: Location, gauge: Gauge, context: ssl.SSLContext) -> None:
    """Bring a file, by PUT."""
    blocks = _Blocks(source, gauge)
    headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}

    def request(client: httpx.AsyncClient, url: httpx.URL) -> httpx.Request:
        gauge.begin(0, size)
        made = client.build_request("PUT", url, headers=headers)
        # As `content` it would be wrapped into a generator.
        made.stream = blocks
        return made

    try:
        with _explained(location.host, gauge):
            async with _exchange(location, request, gauge.limits, context) as response:
                _check_status(response)
    finally:
        blocks.close()


@asynccontextmanager
async def _exchange(
    location: Location,
    request: Callable[[httpx.AsyncClient, httpx.URL], httpx.Request],
    limits: TransferLimits,
    context: ssl.SSLContext,
) -> AsyncIterator[httpx.Response]:
    """Send a request, and again wherever the server refers it to; the answer that is none of these."""
    timeout = httpx.Timeout(limits.silence_s, connect=limits.connect_s)
    credentials = None if location.user is None else httpx.BasicAuth(location.user, location.password or "")
    home = url = httpx.URL(location.url)
    # Proxies and passwords out of the environment are not meant for a charger.
    async with httpx.AsyncClient(verify=context, timeout=timeout, trust_env=False) as client:
        client.headers["Accept-Encoding"] = "identity"
        for _ in range(_MAX_REDIRECTS + 1):
            sent = request(client, url)
            auth = credentials if _origin(url) == _origin(home) else None
            response = await client.send(sent, stream=True, auth=auth)
            try:
                if not response.has_redirect_location:
                    yield response
                    return
                url = _next_url(response, url)
            finally:
                await response.aclose()
    raise TransferFailed(FailureReason.REFUSED, f"referred to other places more than {_MAX_REDIRECTS} times")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Whom a password was meant for."""
    return url.scheme, url.host, url.port


def _next_url(response: httpx.Response, url: httpx.URL) -> httpx.URL:
    """Where the server refers a request to.

    Raises:
        TransferFailed: it must not go there.
    """
    assert response.next_request is not None
    if response.request.method == "PUT" and response.status_code not in _REPEATED_AS_IT_IS:
        _check_status(response)
    elsewhere = response.next_request.url
    if elsewhere.scheme not in _SCHEMES or (url.scheme == "https" and elsewhere.scheme != "https"):
        raise TransferFailed(FailureReason.REFUSED, f"referred from {url.scheme} to {elsewhere.scheme!r}")
    return elsewhere


async def _receive(response: httpx.Response, partial: Partial, gauge: Gauge) -> None:
    """Take a file, or the rest of it."""
    _check_status(response)
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        total = _rest_of(response, partial)
    else:
        await to_thread.run_sync(partial.restart, _validator(response))
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdecimal() else None
    gauge.begin(partial.size, total, partial.target.parent)
    async with _body(response) as chunks:
        waiting: list[bytes] = []
        try:
            async for chunk in chunks:
                waiting.append(chunk)
                if sum(map(len, waiting)) >= BLOCK_BYTES:
                    await _store(waiting, partial, gauge)
        finally:
            # Also what came last before it broke off.
            with CancelScope(shield=True):
                await _store(waiting, partial, gauge)
    gauge.end()


@asynccontextmanager
async def _body(response: httpx.Response) -> AsyncIterator[AsyncIterator[bytes]]:
    """The body of an answer; where it is not read to its end, the connection is cut.

    The generators of httpx stand one within the other, and end in order only from the inside: by the error of a
    connection that is closed.
    """
    chunks = response.aiter_raw()
    try:
        yield chunks
    finally:
        with CancelScope(shield=True):
            await response.aclose()
            with suppress(httpx.HTTPError, httpx.StreamError):
                async for _ in chunks:
                    pass


async def _store(waiting: list[bytes], partial: Partial, gauge: Gauge) -> None:
    """Write down what has come."""
    if not waiting:
        return
    block = b"".join(waiting)
    waiting.clear()
    await to_thread.run_sync(partial.write, block)
    gauge.add(len(block))


def _rest_of(response: httpx.Response, partial: Partial) -> int | None:
    """The length of the whole file of which the server sends the rest.

    Raises:
        TransferFailed: it sends something else.
    """
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != partial.size:
        partial.restart(None)
        raise TransferFailed(FailureReason.REFUSED, "the server sent another part of the file than was asked for")
    return None if found[2] == "*" else int(found[2])


def _validator(response: httpx.Response) -> str | None:
    """What the server calls this version of the file, if it can send the rest of it later."""
    if response.headers.get("Accept-Ranges") == "none":
        return None
    tag: str | None = response.headers.get("ETag")
    if tag is not None and not tag.startswith("W/"):
        return tag
    modified: str | None = response.headers.get("Last-Modified")
    return modified


def _check_status(response: httpx.Response) -> None:
    """Hold an answer to its status.

    Raises:
        TransferFailed: it says no.
    """
    status = response.status_code
    if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT) or (response.request.method == "PUT" and status < 300):
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise TransferFailed(FailureReason.REFUSED, "the server sends the file encoded, which was not asked for")
        return
    reason = FailureReason.REFUSED
    if status in _DENIED:
        reason = FailureReason.DENIED
    elif status in _MISSING:
        reason = FailureReason.NOT_FOUND
    raise TransferFailed(reason, f"{response.url.host} answers {status} {response.reason_phrase}".rstrip())


class _Blocks(httpx.AsyncByteStream):
    """What is in a file of ours, from its beginning each time that it is asked for.

    No generator: httpx does not end one in order when it is not read to its end.
    """

    def __init__(self, source: Path, gauge: Gauge) -> None:
        self._source = source
        self._gauge = gauge
        self._file: IO[bytes] | None = None
        self._sent = 0

    def __aiter__(self) -> _Blocks:
        self.close()
        return self

    async def __anext__(self) -> bytes:
        """The next block, when the one before is on its way."""
        self._gauge.add(self._sent)
        try:
            if self._file is None:
                self._file = await to_thread.run_sync(self._source.open, "rb")
            block = await to_thread.run_sync(self._file.read, BLOCK_BYTES)
        except OSError as error:
            raise of_local(error) from error
        self._sent = len(block)
        if not block:
            raise StopAsyncIteration
        return block

    def close(self) -> None:
        """Let go of the file."""
        self._sent = 0
        if self._file is not None:
            self._file.close()
            self._file = None


@contextmanager
def _explained(host: str, gauge: Gauge) -> Iterator[None]:
    """Say what went wrong in our own words."""
    try:
        yield
    except httpx.TimeoutException as error:
        what = "no connection" if isinstance(error, httpx.ConnectTimeout) else "nothing moves any more"
        raise TransferFailed(FailureReason.TIMED_OUT, f"{host}: {what}") from error
    except httpx.RemoteProtocolError as error:
        is_begun = gauge.total_bytes is not None and gauge.done_bytes < gauge.total_bytes
        reason = FailureReason.TRUNCATED if is_begun else FailureReason.INTERRUPTED
        raise TransferFailed(reason, f"{host}: {error}") from error
    except httpx.TransportError as error:
        raise _of_cause(error, host) from error
    except httpx.InvalidURL as error:
        raise TransferFailed(FailureReason.BAD_LOCATION, f"no URL: {error}") from error


def _of_cause(error: BaseException, host: str) -> TransferFailed:
    """What lies beneath an error of the client."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return TransferFailed(FailureReason.NAME_RESOLUTION, f"the name {host!r} is not known")
        if isinstance(cause, OSError) and cause.errno is not None:
            return of_connection(cause, host)
    if isinstance(error, httpx.ConnectError):
        return TransferFailed(FailureReason.CONNECTION, f"no connection to {host}")
    return TransferFailed(FailureReason.INTERRUPTED, f"the connection to {host} broke")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that led to it, the members of groups too."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                yield from _causes(each)
        error = error.__cause__ or error.__context__
