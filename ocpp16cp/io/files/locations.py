"""Where a file is to be fetched from, or brought to."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from .failures import FailureReason, TransferFailed

SCHEMES = ("http", "https", "ftp", "ftps")

_PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 21}
"""`ftps` is explicit TLS on the port of FTP; the implicit form on port 990 was never standardised."""


@frozen
class Location:
    """A URL, taken apart."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    path: str
    """As it stands in the URL, percent-encoded."""
    query: str

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's segments without the encoding: directories, then the name of the file."""
        return tuple(unquote(segment) for segment in self.path.removeprefix("/").split("/"))

    @property
    def url(self) -> str:
        """The URL without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{host}:{self.port}{self.path}{query}"


def parse(text: str) -> Location:
    """Take a location apart.

    Raises:
        TransferFailed: it is no URL, or of another scheme.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        # The error would quote what may be a part of a password.
        raise TransferFailed(FailureReason.BAD_LOCATION, "the location is no URL: check its host and port") from None
    if parts.scheme not in SCHEMES:
        supported = ", ".join(SCHEMES)
        raise TransferFailed(FailureReason.UNSUPPORTED_SCHEME, f"{parts.scheme!r} is none of {supported}")
    if not parts.hostname:
        raise TransferFailed(FailureReason.BAD_LOCATION, "the location names no host")
    location = Location(
        parts.scheme,
        parts.hostname,
        _PORTS[parts.scheme] if port is None else port,
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
        parts.path,
        parts.query,
    )
    readable = "".join((location.user or "", location.password or "", *location.segments))
    if not readable.isprintable():
        # A line end in a path or a name would be a second command to an FTP server.
        raise TransferFailed(FailureReason.BAD_LOCATION, "the location holds characters that cannot be printed")
    return location
