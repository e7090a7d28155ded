"""Configuration keys of file transfer, of firmware too."""

from __future__ import annotations

from enum import StrEnum

from ocpp16cp.kernel.keys import comma_list, key, member
from ocpp16cp.vendor_keys import Access


class FileTransferProtocol(StrEnum):
    """How a file can be fetched or brought, by the scheme of its location."""

    FTP = "FTP"
    FTPS = "FTPS"
    HTTP = "HTTP"
    HTTPS = "HTTPS"


SUPPORTED_FILE_TRANSFER_PROTOCOLS = key(
    "SupportedFileTransferProtocols",
    comma_list("file transfer protocols", member(FileTransferProtocol)),
    tuple(FileTransferProtocol),
    access=Access.READ_ONLY,
)
"""The protocols that locations of files may name (errata 3.88)."""

KEYS = (SUPPORTED_FILE_TRANSFER_PROTOCOLS,)
