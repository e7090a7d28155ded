"""Exceptions an application can meet, and the CALLERROR codes of OCPP 1.6J.

Mistakes of the peer never raise out of the core: they become a CALLERROR, a dropped frame or a
closed link.
"""

from __future__ import annotations

from enum import StrEnum


class CallErrorCode(StrEnum):
    """Why a CALL was not processed, in the spellings of 1.6.

    `FormationViolation` and `OccurenceConstraintViolation` are misspelt in the specification and
    stay so on the wire.
    """

    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    INTERNAL_ERROR = "InternalError"
    PROTOCOL_ERROR = "ProtocolError"
    SECURITY_ERROR = "SecurityError"
    FORMATION_VIOLATION = "FormationViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    OCCURENCE_CONSTRAINT_VIOLATION = "OccurenceConstraintViolation"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
    GENERIC_ERROR = "GenericError"


class UsageError(Exception):
    """The application's mistake: a call, a value or a combination that is not taken."""


class CallRefused(Exception):
    """Raised inside a call handler, before it changes anything: the answer is a CALLERROR."""

    def __init__(self, code: CallErrorCode, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        """One line, sent as the error description: it must not hold a secret."""

    def __reduce__(self) -> tuple[type[CallRefused], tuple[CallErrorCode, str]]:
        """Rebuild from the arguments: `Exception` alone would pass the joined text."""
        return type(self), (self.code, self.reason)


class TransferFailed(Exception):
    """A DataTransfer of ours has no answer; the message says why."""


class PayloadInvalid(Exception):
    """A received payload is not what its action demands: the first violation in field order."""

    def __init__(self, path: str, rule: str, code: CallErrorCode) -> None:
        super().__init__(f"{path}: {rule}")
        self.path = path
        """Where, as a JSON path: `$.meterValue[0].sampledValue[2].unit`."""
        self.rule = rule
        """What was broken: one line, lower case, without any received text at length."""
        self.code = code
        """What a CALL with this payload is answered with."""

    def __reduce__(self) -> tuple[type[PayloadInvalid], tuple[str, str, CallErrorCode]]:
        """Rebuild from the arguments: `Exception` alone would pass the joined text."""
        return type(self), (self.path, self.rule, self.code)
