"""TLS for OCPP: contexts by the rules of the security whitepaper's profiles 2 and 3, and what TLS errors mean."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

from attrs import field, frozen

from ocpp16cp.errors import UsageError

from .transport import FailureKind

CIPHER_SUITES: Final = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
)
"""For TLS 1.2, the preferred one first: the four the whitepaper demands, and the RSA forms with forward secrecy. Those
of TLS 1.3 are on offer besides."""

# Keys of at least 2048 bits (RSA, DSA) or 224 (elliptic curves), signatures with at least SHA-256: said here, as
# distributions of OpenSSL differ in their default.
_SECURITY_LEVEL: Final = "@SECLEVEL=2"

_VERSION: Final = (
    "ALERT_PROTOCOL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "UNSUPPORTED_PROTOCOL",
    "VERSION_TOO_LOW",
    "WRONG_SSL_VERSION",
)
_CIPHER_SUITE: Final = (
    "ALERT_HANDSHAKE_FAILURE",
    "ALERT_INSUFFICIENT_SECURITY",
    "NO_SHARED_CIPHER",
    "UNKNOWN_CIPHER_RETURNED",
    "WRONG_CIPHER_RETURNED",
)
_CLIENT_CERTIFICATE: Final = (
    "ALERT_ACCESS_DENIED",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_REQUIRED",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_DECRYPT_ERROR",
    "ALERT_NO_CERTIFICATE",
    "ALERT_UNKNOWN_CA",
    "ALERT_UNSUPPORTED_CERTIFICATE",
)
_NOT_TLS: Final = (
    "HTTP_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
    "UNKNOWN_PROTOCOL",
    "WRONG_VERSION_NUMBER",
)


@frozen
class OwnCertificate:
    """What a side shows of itself, as PEM files."""

    chain_file: Path
    """The certificate first, then the intermediate ones up to the trusted authority, which may be left out."""
    key_file: Path = field(kw_only=True)
    """The private key that belongs to the certificate, not encrypted."""


def client_context(
    *,
    authorities: str | Path | None = None,
    certificate: OwnCertificate | None = None,
    check_host_name: bool = True,
) -> ssl.SSLContext:
    """Make the context of a charge point: TLS 1.2 or later, the server's certificate always checked.

    Args:
        authorities: the certificates to trust, one or more in PEM, as text or in a file: roots, or others that are
            then trusted without their issuer. `None` trusts what the system trusts.
        certificate: shown to a server that asks for one (security profile 3).
        check_host_name: whether the certificate has to name the host of the URL. DNS names or IP addresses in its
            subjectAltName count when there are any, its common name otherwise.

    Raises:
        UsageError: a file cannot be read, or does not hold what it should.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = check_host_name
    _restrict(context)
    if authorities is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        _load_authorities(context, authorities)
    if certificate is not None:
        _load_certificate(context, certificate)
    return context


def server_context(certificate: OwnCertificate, *, client_authorities: str | Path | None = None) -> ssl.SSLContext:
    """Make the context of a central system.

    Args:
        certificate: shown to every client.
        client_authorities: as `authorities` of `client_context`; if given, a client has to show a certificate of
            theirs (security profile 3).

    Raises:
        UsageError: a file cannot be read, or does not hold what it should.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _restrict(context)
    _load_certificate(context, certificate)
    if client_authorities is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        _load_authorities(context, client_authorities)
    return context


def explain(error: ssl.SSLError) -> tuple[FailureKind, str]:
    """Tell what kind of failure a TLS error is, and say it in one line."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message.rstrip(".")
        return FailureKind.TLS_CERTIFICATE, f"the server's certificate is not accepted: {reason}"
    code = error.reason or ""
    detail = _words(error.reason)
    # OpenSSL puts the version of the protocol that first had an alert before its name, and changes its mind about it.
    if code.endswith(_VERSION):
        return FailureKind.TLS_VERSION, f"no TLS version in common with the peer: {detail}"
    if code.endswith(_CIPHER_SUITE):
        return (
            FailureKind.TLS_CIPHER_SUITE,
            f"no TLS cipher suite in common with the peer: {detail}",
        )
    if code.endswith(_CLIENT_CERTIFICATE):
        return (
            FailureKind.TLS_CLIENT_CERTIFICATE,
            f"the server does not accept this side's certificate: {detail}",
        )
    if code.endswith(_NOT_TLS):
        return FailureKind.TLS, f"what the peer sent is not TLS: {detail}"
    return FailureKind.TLS, f"TLS failed: {detail}"


def _restrict(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join((*CIPHER_SUITES, _SECURITY_LEVEL)))
    context.options |= ssl.OP_NO_COMPRESSION
    # Without the strict flag, as certificates in the field are of X.509 version 1 or lack extensions; and an authority
    # that is installed is trusted although another one signed it (a new root signed by the old one, for instance).
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def _load_authorities(context: ssl.SSLContext, authorities: str | Path) -> None:
    name = f"{str(authorities)!r}" if isinstance(authorities, Path) else "the text given"
    text = _read(authorities) if isinstance(authorities, Path) else authorities
    try:
        # Some bundles name their certificates in between, in any script.
        context.load_verify_locations(cadata=text.encode("ascii", "ignore").decode())
    except (ssl.SSLError, ValueError) as error:
        raise UsageError(f"{name} does not hold certificates in PEM") from error


def _load_certificate(context: ssl.SSLContext, certificate: OwnCertificate) -> None:
    chain_file, key_file = certificate.chain_file, certificate.key_file
    # OpenSSL does not tell which of the two files it could not read.
    _load_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), chain_file)
    _read(key_file)
    try:
        # Without a password of ours OpenSSL would ask for one on the terminal.
        context.load_cert_chain(chain_file, key_file, password="")
    except ssl.SSLError as error:
        if not error.reason:
            text = f"{str(key_file)!r} does not hold a private key in PEM, not encrypted"
        elif error.reason == "KEY_VALUES_MISMATCH":
            text = f"the key in {str(key_file)!r} is not that of the certificate in {str(chain_file)!r}"
        else:
            text = f"the certificate in {str(chain_file)!r} cannot be used: {_words(error.reason)}"
        raise UsageError(text) from error


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"{str(file)!r} cannot be read: {_words(error.strerror)}") from error


def _words(reason: str | None) -> str:
    return (reason or "no reason given").replace("_", " ").lower()
