"""The codec as a whole: there and back, tolerance, classes of an application."""

from __future__ import annotations

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.errors import PayloadInvalid, UsageError
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.data_transfer.messages import DataTransfer
from ocpp16cp.features.reset.messages import Reset, ResetType
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.strict_json import Json, load
from ocpp16cp.wire.tolerance import TOLERANT, Relaxation, Tolerance
from ocpp16cp.wire.types import CertificateHashData

CODEC = Codec()


@given(st.text(max_size=50), st.text())
def test_any_text_comes_back_the_same(short: str, long: str) -> None:
    message = DataTransfer(vendor_id="v", message_id=short, data=long)

    text = CODEC.encode(message)

    assert text.encode()
    assert CODEC.decode(DataTransfer, load(text)) == message


def test_tolerant_codec_takes_and_reports_what_a_strict_one_refuses() -> None:
    payload: Json = {"type": "hard", "extra": None}
    strictly_reported: list[Relaxation] = []
    tolerantly_reported: list[Relaxation] = []
    tolerant = Codec(TOLERANT)

    with pytest.raises(PayloadInvalid):
        CODEC.decode(Reset, payload, report=strictly_reported.append)
    message = tolerant.decode(Reset, payload, report=tolerantly_reported.append)

    assert strictly_reported == []
    assert message == tolerant.decode(Reset, payload) == Reset(type=ResetType.HARD)
    assert [relaxation.path for relaxation in tolerantly_reported] == ["$.type", "$.extra"]


def test_tolerance_may_be_meant_for_some_actions() -> None:
    codec = Codec(Tolerance(enum_case=True, actions=frozenset({"Reset"})))
    payload: Json = {"type": "hard"}

    assert codec.decode(Reset, payload, action="Reset") == Reset(type=ResetType.HARD)
    for action in ("ChangeAvailability", ""):
        with pytest.raises(PayloadInvalid):
            codec.decode(Reset, payload, action=action)


@frozen(kw_only=True)
class VendorMessage:
    """A class of an application."""

    hash_data: CertificateHashData
    request: ChangeConfiguration


def test_application_may_bring_its_own_classes() -> None:
    text = (
        '{"hashData":{"hashAlgorithm":"SHA256","issuerNameHash":"a","issuerKeyHash":"b","serialNumber":"1"},'
        '"request":{"key":"k","value":""}}'
    )

    message = CODEC.decode(VendorMessage, load(text))

    assert CODEC.encode(message) == text


def test_only_attrs_classes_can_travel() -> None:
    with pytest.raises(UsageError, match="dict is no attrs class"):
        CODEC.encode({"connectorId": 1})
    with pytest.raises(UsageError, match="str is no attrs class"):
        CODEC.decode(str, {})
