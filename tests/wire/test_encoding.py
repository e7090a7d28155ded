"""From messages to text, and what must not be sent."""

from __future__ import annotations

import decimal
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from ocpp16cp.errors import UsageError
from ocpp16cp.features.authorization.messages import Authorize, AuthorizeConf
from ocpp16cp.features.boot.messages import Heartbeat, HeartbeatConf
from ocpp16cp.features.certificates.messages import GetInstalledCertificateIdsConf
from ocpp16cp.features.configuration.messages import GetConfiguration, KeyValue
from ocpp16cp.features.data_transfer.messages import DataTransfer
from ocpp16cp.features.local_list.messages import GetLocalListVersionConf
from ocpp16cp.features.remote_trigger.messages import TriggerMessage
from ocpp16cp.features.reset.messages import Reset
from ocpp16cp.features.smart_charging.messages import GetCompositeScheduleConf, GetCompositeScheduleStatus
from ocpp16cp.wire.encoding import unstructure
from ocpp16cp.wire.types import (
    AuthorizationStatus,
    ChargingRateUnitType,
    ChargingSchedule,
    ChargingSchedulePeriod,
    IdTagInfo,
    Measurand,
    SampledValue,
    UnitOfMeasure,
)

NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)
SCHEDULE = ChargingSchedule(
    duration=3600,
    start_schedule=NOON,
    charging_rate_unit=ChargingRateUnitType.A,
    charging_schedule_period=(
        ChargingSchedulePeriod(start_period=0, limit=Decimal("16.1"), number_phases=3),
        ChargingSchedulePeriod(start_period=60, limit=Decimal(6)),
    ),
)
SCHEDULE_TEXT = (
    '{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16.1,"numberPhases":3},'
    '{"startPeriod":60,"limit":6.0}],"duration":3600,"startSchedule":"2024-01-31T12:00:00.000Z"}'
)


# Whole messages.


def test_message_is_written_compactly_and_without_absent_fields() -> None:
    assert unstructure(SCHEDULE) == SCHEDULE_TEXT
    assert unstructure(Heartbeat()) == "{}"
    assert unstructure(GetConfiguration(key=())) == '{"key":[]}'


def test_text_that_is_not_ascii_is_written_as_it_is() -> None:
    assert unstructure(DataTransfer(vendor_id="é\n😀")) == '{"vendorId":"é\\n😀"}'


def test_central_system_may_be_told_celcius() -> None:
    """The misspelling of the first schemas stays legal beside the right one."""
    value = SampledValue(value="21.5", measurand=Measurand.TEMPERATURE, unit=UnitOfMeasure.CELCIUS)

    assert unstructure(value) == '{"value":"21.5","measurand":"Temperature","unit":"Celcius"}'


def test_unknown_trigger_is_written_as_it_is() -> None:
    message = TriggerMessage(requested_message="CoffeeNotification")

    assert unstructure(message) == '{"requestedMessage":"CoffeeNotification"}'


@pytest.mark.parametrize("limit", ["0.0", "0.1", "16.0", "-0.5", "2147483646.9", "2147483647.0"])
def test_limit_is_written_with_exactly_its_digits(limit: str) -> None:
    period = ChargingSchedulePeriod(start_period=0, limit=Decimal(limit))

    with decimal.localcontext(decimal.Context(prec=2, traps=[])):
        assert unstructure(period) == f'{{"startPeriod":0,"limit":{limit}}}'


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (NOON, "2024-01-31T12:00:00.000Z"),
        (NOON.replace(microsecond=123_999), "2024-01-31T12:00:00.123Z"),
        (NOON.astimezone(timezone(timedelta(hours=-5))), "2024-01-31T12:00:00.000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_instant_is_written_in_utc_with_milliseconds(instant: datetime, text: str) -> None:
    assert unstructure(HeartbeatConf(current_time=instant)) == f'{{"currentTime":"{text}"}}'


# What we must not send.


@pytest.mark.parametrize(
    ("of", "fields", "complaint"),
    [
        (Authorize, {"id_tag": "x" * 21}, f"$.idTag: '{'x' * 21}' is longer than 20 characters"),
        (Authorize, {"id_tag": None}, "$.idTag: None is no text"),
        (GetLocalListVersionConf, {"list_version": True}, "$.listVersion: True is no integer"),
        (GetLocalListVersionConf, {"list_version": 2**31}, "is no integer within 32 bits"),
        (GetLocalListVersionConf, {"list_version": Decimal(1)}, "is no integer within 32 bits"),
        (Reset, {"type": 7}, "$.type: 7 is no text"),
        (Reset, {"type": "hard"}, "$.type: 'hard' is none of Hard, Soft"),
        (KeyValue, {"key": "A", "readonly": 1}, "$.readonly: 1 is neither true nor false"),
        (GetConfiguration, {"key": ["A"]}, "$.key: ['A'] is no tuple"),
        (GetConfiguration, {"key": ("A", 7)}, "$.key[1]: 7 is no text"),
        (GetConfiguration, {"key": ("A",) * 50_001}, "$.key: 50001 entries are not 0 to 50000"),
        (
            GetInstalledCertificateIdsConf,
            {"certificate_hash_data": (), "status": "NotFound"},
            "$.certificateHashData: 0 entries are not 1 to 50000",
        ),
        (AuthorizeConf, {"id_tag_info": {"status": "Accepted"}}, "is no IdTagInfo"),
        (
            AuthorizeConf,
            {"id_tag_info": IdTagInfo(status=AuthorizationStatus.BLOCKED, parent_id_tag="x" * 21)},
            f"$.idTagInfo.parentIdTag: '{'x' * 21}' is longer than 20 characters",
        ),
        (HeartbeatConf, {"current_time": 0}, "$.currentTime: 0 is no instant with a zone"),
        (HeartbeatConf, {"current_time": NOON.replace(tzinfo=None)}, "is no instant with a zone"),
        (
            HeartbeatConf,
            {"current_time": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))},
            "does not exist in UTC",
        ),
        (DataTransfer, {"vendor_id": "v", "data": "\ud83d"}, "a text holds a lone surrogate"),
        (DataTransfer, {"vendor_id": "v", "data": "x" * 2_000_000}, "longer than 1048576"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_unfit_value_is_not_written_but_named(of: type[object], fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        unstructure(of(**fields))

    assert complaint in str(caught.value)
    assert str(caught.value).startswith(f"{of.__name__}: ")
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("limit", "complaint"),
    [
        (Decimal("NaN"), "$.limit: Decimal('NaN') is no decimal"),
        (Decimal("Infinity"), "is no decimal"),
        (16.1, "$.limit: 16.1 is no decimal"),
        (Decimal("16.15"), "is not a multiple of 0.1"),
        (Decimal("1e400"), "is beyond 2147483647"),
        (Decimal(-(2**31)), "is beyond 2147483647"),
    ],
)
def test_unfit_limit_is_not_written_but_named(limit: Any, complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        unstructure(ChargingSchedulePeriod(start_period=0, limit=limit))

    assert complaint in str(caught.value)


def test_path_leads_through_lists_and_records() -> None:
    period = ChargingSchedulePeriod(start_period=0, limit=Decimal("0.25"))
    schedule = evolve(SCHEDULE, charging_schedule_period=(*SCHEDULE.charging_schedule_period, period))
    message = GetCompositeScheduleConf(status=GetCompositeScheduleStatus.ACCEPTED, charging_schedule=schedule)

    with pytest.raises(UsageError) as caught:
        unstructure(message)

    path = "$.chargingSchedule.chargingSchedulePeriod[2].limit"
    assert str(caught.value) == f"GetCompositeScheduleConf: {path}: Decimal('0.25') is not a multiple of 0.1"


def test_only_messages_can_be_written() -> None:
    with pytest.raises(UsageError, match="dict is no attrs class"):
        unstructure({"connectorId": 1})
