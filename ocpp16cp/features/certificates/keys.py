"""Configuration keys of certificates (security whitepaper)."""

from __future__ import annotations

from ocpp16cp.kernel.keys import boolean, integer, key, plain_text
from ocpp16cp.vendor_keys import Access

LONGEST_CHAIN = 10_000
"""Characters of a certificate chain, the limit of CertificateSigned."""
LONGEST_ORGANIZATION = 64
"""Characters of an organization name in a certificate, the limit of X.509."""

ADDITIONAL_ROOT_CERTIFICATE_CHECK = key(
    "AdditionalRootCertificateCheck", boolean(), default=False, access=Access.READ_ONLY
)
"""Whether there is one root of the central system, and each new one has to be signed by the one before."""
CERTIFICATE_SIGNED_MAX_CHAIN_SIZE = key(
    "CertificateSignedMaxChainSize",
    integer(minimum=1, maximum=LONGEST_CHAIN),
    LONGEST_CHAIN,
    access=Access.READ_ONLY,
)
"""Characters that a certificate chain may have."""
CERTIFICATE_STORE_MAX_LENGTH = key("CertificateStoreMaxLength", integer(), 10, access=Access.READ_ONLY)
"""How many root certificates there may be."""
CPO_NAME = key("CpoName", plain_text(1, LONGEST_ORGANIZATION), lambda _: None)
"""The operator, who stands as organization in the station's certificate; has no value until it is set."""

KEYS = (
    ADDITIONAL_ROOT_CERTIFICATE_CHECK,
    CERTIFICATE_SIGNED_MAX_CHAIN_SIZE,
    CERTIFICATE_STORE_MAX_LENGTH,
    CPO_NAME,
)
