"""The exceptions an application can meet."""

from __future__ import annotations

import copy
import pickle

import pytest

from ocpp16cp.errors import CallErrorCode, CallRefused, PayloadInvalid


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (CallRefused(CallErrorCode.NOT_SUPPORTED, "no smart charging"), "NotSupported: no smart charging"),
        (PayloadInvalid("$.type", "missing", CallErrorCode.PROTOCOL_ERROR), "$.type: missing"),
    ],
)
def test_error_reads_as_one_line_and_survives_copying(error: Exception, text: str) -> None:
    for copied in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(copied) is type(error)
        assert vars(copied) == vars(error)
        assert str(copied) == text


def test_codes_keep_the_misspellings_of_the_specification() -> None:
    assert {"FormationViolation", "OccurenceConstraintViolation"} < set(CallErrorCode)
    assert len(CallErrorCode) == 10
