"""The whole charge point against a central system that sends anything: it answers, and lives (OCPP-J §4.2)."""

from __future__ import annotations

import json
from random import Random

import pytest
from attrs import fields
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp16cp.charge_point import FEATURES, ChargePoint
from ocpp16cp.events import (
    CardPresented,
    LinkUp,
    MeterRead,
    Reading,
    SocketChanged,
    SocketState,
    Started,
    TextReceived,
    Woke,
)
from ocpp16cp.outcome import Outcome, SendText
from ocpp16cp.station import Station
from ocpp16cp.wire.frames import Unreadable, parse_frame
from ocpp16cp.wire.shapes import wire_name

STATION = Station(identity="CP", vendor="V", model="M", central_system_url="ws://example.org")
EXCHANGES = [exchange for feature in FEATURES for exchange in feature.exchanges]
ACTIONS = sorted(exchange.action for exchange in EXCHANGES)
NAMES = sorted(
    {
        wire_name(field.name)
        for exchange in EXCHANGES
        for message in (exchange.request, exchange.confirmation)
        for field in fields(message)
    }
)
EXTREMES: list[object] = [
    *(0, 1, -1, 2, 2**31 - 1, -(2**31), 2**63),
    *("", "a", "Accepted", "Rejected", "Pending", "x" * 600, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"),
    *("2026-03-02T12:00:00Z", "1970-01-01T00:00:00Z", "MeterValueSampleInterval", "HeartbeatInterval", "2147483647"),
    *(None, True, False, [], {}, {"status": "Accepted"}, {"status": "Invalid", "expiryDate": "0001-01-01T00:00:00Z"}),
]
PAYLOADS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(EXTREMES), max_size=4)
BOOTED = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["Accepted", "Pending", "Rejected"]),
        "currentTime": st.sampled_from([text for text in EXTREMES if isinstance(text, str) and text.endswith("Z")]),
        "interval": st.sampled_from([0, 1, 300, 2**31 - 1]),
    }
)
FRAMES = st.one_of(
    st.text(max_size=40),
    st.builds(lambda *parts: json.dumps([2, *parts]), st.text(max_size=40), st.sampled_from(ACTIONS), PAYLOADS),
    st.builds(lambda number, payload: json.dumps([3, f"1-{number}", payload]), st.integers(1, 9), PAYLOADS | BOOTED),
    st.builds(lambda number: json.dumps([4, f"1-{number}", "InternalError", "", {}]), st.integers(1, 9)),
)
EVENTS = st.one_of(
    FRAMES,
    FRAMES,
    st.sampled_from(
        [
            CardPresented("tag"),
            SocketChanged(1, SocketState.VEHICLE),
            SocketChanged(1, SocketState.EMPTY),
            MeterRead(1, Reading(register_wh=5)),
        ]
    ),
    st.sampled_from([0.5, 31.0, 4000.0, 40.0 * 366 * 86_400]),
)


def check(outcome: Outcome) -> None:
    """Everything that is sent is a frame."""
    for action in outcome.link:
        if isinstance(action, SendText):
            frame = parse_frame(action.text)
            assert not isinstance(frame, Unreadable) or json.loads(action.text)[0] == 4
            action.text.encode()


@settings(max_examples=150)
@given(BOOTED, st.lists(EVENTS, max_size=12))
def test_charge_point_lives_through_anything(conf: object, events: list[object]) -> None:
    charge_point = ChargePoint(STATION, random=Random(1))
    now = 0.0
    charge_point.handle(Started(), now=now)
    charge_point.handle(LinkUp(1), now=now)
    check(charge_point.handle(TextReceived(1, json.dumps([3, "1-1", conf])), now=now))

    for event in events:
        if isinstance(event, float):
            now += event
            check(charge_point.handle(Woke(), now=now))
        elif isinstance(event, str):
            check(charge_point.handle(TextReceived(1, event), now=now))
        else:
            assert isinstance(event, CardPresented | SocketChanged | MeterRead)
            check(charge_point.handle(event, now=now))

    assert ChargePoint(STATION, records=charge_point.records(), random=Random(1)).handle(Started(), now=0.0).writes


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59.999Z", "9999-12-31T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_central_system_at_the_end_of_time_cannot_end_the_run(time: str) -> None:
    charge_point = ChargePoint(STATION, random=Random(1))
    charge_point.handle(Started(), now=0.0)
    charge_point.handle(LinkUp(1), now=0.0)
    conf = {"status": "Accepted", "currentTime": time, "interval": 300}
    charge_point.handle(TextReceived(1, json.dumps([3, "1-1", conf])), now=0.0)

    check(charge_point.handle(SocketChanged(1, SocketState.VEHICLE), now=200_000.0))
