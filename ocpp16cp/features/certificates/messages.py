"""Certificates of the charge point and the roots it trusts (security whitepaper)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from ocpp16cp.lean import frozen
from ocpp16cp.wire.exchange import Exchange, Sender
from ocpp16cp.wire.types import (
    CertificateHashData,
    CertificateUse,
    MinItems,
    String5500,
    String10000,
)


class GenericStatus(StrEnum):
    """Whether a certificate or a signing request was taken."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


@frozen(kw_only=True)
class SignCertificate:
    """Asks to have the charge point's certificate signed."""

    csr: String5500
    """A PKCS #10 request in PEM."""


@frozen(kw_only=True)
class SignCertificateConf:
    """Whether the request will be looked at; the certificate comes in a CertificateSigned."""

    status: GenericStatus


@frozen(kw_only=True)
class CertificateSigned:
    """Brings the signed certificate."""

    certificate_chain: String10000
    """PEM: the charge point's certificate first, then those between it and the root, if any."""


@frozen(kw_only=True)
class CertificateSignedConf:
    """Whether the certificate will be used."""

    status: GenericStatus


@frozen(kw_only=True)
class InstallCertificate:
    """Brings a root certificate to trust."""

    certificate_type: CertificateUse
    certificate: String5500
    """PEM."""


class InstallCertificateStatus(StrEnum):
    """What became of a root certificate."""

    ACCEPTED = "Accepted"
    FAILED = "Failed"
    """Valid, and yet it could not be installed."""
    REJECTED = "Rejected"
    """Invalid, or not wanted."""


@frozen(kw_only=True)
class InstallCertificateConf:
    """What became of the certificate."""

    status: InstallCertificateStatus


@frozen(kw_only=True)
class DeleteCertificate:
    """Asks to trust a root certificate no longer."""

    certificate_hash_data: CertificateHashData


class DeleteCertificateStatus(StrEnum):
    """What became of a deletion."""

    ACCEPTED = "Accepted"
    FAILED = "Failed"
    """Not possible, or it is the root that the present connection rests on."""
    NOT_FOUND = "NotFound"


@frozen(kw_only=True)
class DeleteCertificateConf:
    """What became of the deletion."""

    status: DeleteCertificateStatus


@frozen(kw_only=True)
class GetInstalledCertificateIds:
    """Asks which root certificates of a kind are installed."""

    certificate_type: CertificateUse


class GetInstalledCertificateStatus(StrEnum):
    """Whether there are certificates of the kind asked for."""

    ACCEPTED = "Accepted"
    NOT_FOUND = "NotFound"


@frozen(kw_only=True)
class GetInstalledCertificateIdsConf:
    """The root certificates installed."""

    certificate_hash_data: Annotated[tuple[CertificateHashData, ...], MinItems(1)] | None = None
    """Absent, never empty, if there are none."""
    status: GetInstalledCertificateStatus


SIGN_CERTIFICATE = Exchange("SignCertificate", Sender.CHARGE_POINT, SignCertificate, SignCertificateConf)
CERTIFICATE_SIGNED = Exchange("CertificateSigned", Sender.CENTRAL_SYSTEM, CertificateSigned, CertificateSignedConf)
INSTALL_CERTIFICATE = Exchange("InstallCertificate", Sender.CENTRAL_SYSTEM, InstallCertificate, InstallCertificateConf)
DELETE_CERTIFICATE = Exchange("DeleteCertificate", Sender.CENTRAL_SYSTEM, DeleteCertificate, DeleteCertificateConf)
GET_INSTALLED_CERTIFICATE_IDS = Exchange(
    "GetInstalledCertificateIds",
    Sender.CENTRAL_SYSTEM,
    GetInstalledCertificateIds,
    GetInstalledCertificateIdsConf,
)
EXCHANGES = (
    SIGN_CERTIFICATE,
    CERTIFICATE_SIGNED,
    INSTALL_CERTIFICATE,
    DELETE_CERTIFICATE,
    GET_INSTALLED_CERTIFICATE_IDS,
)
