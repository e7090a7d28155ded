"""What a charge point forgives its central system, and how the application learns of it."""

from __future__ import annotations

import json
from random import Random

import pytest
from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.errors import UsageError
from ocpp16cp.events import LinkUp, Started, TextReceived
from ocpp16cp.outcome import FrameRelaxed, Outcome, Registered, SendText
from ocpp16cp.station import Station
from ocpp16cp.wire.tolerance import STRICT, TOLERANT, Tolerance

STATION = Station(identity="CP1", vendor="Vendor", model="Model", central_system_url="ws://cs.example/ocpp")
SLOPPY = {"status": "accepted", "currentTime": "2026-01-01T00:00:00Z", "interval": 300, "vendor": "ours"}


def _boot(tolerance: Tolerance, confirmation: object) -> tuple[ChargePoint, Outcome]:
    """A station whose BootNotification was answered."""
    charge_point = ChargePoint(STATION, random=Random(1), tolerance=tolerance)
    charge_point.handle(Started(), now=0.0)
    charge_point.handle(LinkUp(1), now=0.0)
    return charge_point, charge_point.handle(TextReceived(1, json.dumps([3, "1-1", confirmation])), now=0.0)


def test_strict_station_takes_a_sloppy_answer_for_none() -> None:
    _, outcome = _boot(STRICT, SLOPPY)

    assert not any(isinstance(notice, Registered | FrameRelaxed) for notice in outcome.notices)


def test_tolerant_station_reads_a_sloppy_answer_and_tells_what_was_wrong() -> None:
    _, outcome = _boot(TOLERANT, SLOPPY)

    assert Registered("Accepted", 300) in outcome.notices
    relaxed = [notice for notice in outcome.notices if isinstance(notice, FrameRelaxed)]
    assert {(notice.action, notice.path) for notice in relaxed} == {
        ("BootNotification", "$.status"),
        ("BootNotification", "$.vendor"),
    }


def test_tolerant_station_reads_a_sloppy_call_and_tells_what_was_wrong() -> None:
    charge_point, _ = _boot(TOLERANT, {**SLOPPY, "status": "Accepted"})

    outcome = charge_point.handle(TextReceived(1, '[2,"x","GetConfiguration",{"key":null}]'), now=1.0)

    assert [notice.path for notice in outcome.notices if isinstance(notice, FrameRelaxed)] == ["$.key"]


def test_station_may_be_tolerant_of_some_messages_only() -> None:
    """A central system that is sloppy in one answer need not be believed in all it says."""
    tolerance = evolve(TOLERANT, actions=frozenset({"BootNotification"}))
    charge_point, booted = _boot(tolerance, SLOPPY)

    outcome = charge_point.handle(TextReceived(1, '[2,"x","GetConfiguration",{"key":null}]'), now=1.0)

    assert Registered("Accepted", 300) in booted.notices
    assert not any(isinstance(notice, FrameRelaxed) for notice in outcome.notices)
    sent = [json.loads(action.text) for action in outcome.link if isinstance(action, SendText)]
    assert [frame[:3] for frame in sent if frame[0] == 4] == [[4, "x", "TypeConstraintViolation"]]


def test_tolerance_of_an_action_that_there_is_not_is_refused() -> None:
    """It would never do anything."""
    tolerance = Tolerance(unknown_fields=True, actions=frozenset({"BootNotification", "bootNotification"}))

    with pytest.raises(UsageError, match="tolerance: there is no action 'bootNotification'"):
        ChargePoint(STATION, random=Random(1), tolerance=tolerance)
