"""What trigger messages ask for, and how they are refused (§5.17)."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.features.boot.messages import BootNotification, Heartbeat
from ocpp16cp.features.diagnostics.messages import DiagnosticsStatus, DiagnosticsStatusNotification
from ocpp16cp.features.firmware.messages import FirmwareStatus, FirmwareStatusNotification
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.remote_trigger.messages import (
    ExtendedMessageTrigger,
    ExtendedTriggerMessage,
    ExtendedTriggerMessageConf,
    MessageTrigger,
    TriggerMessage,
    TriggerMessageConf,
    TriggerMessageStatus,
)
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.station import MAX_CONNECTORS, Connector, FeatureProfile
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import SILENCE
from ocpp16cp.wire.frames import CallResult
from ocpp16cp.wire.types import ChargePointStatus
from tests.features.stations import STATION, station
from tests.features.triggering import asked, trigger

ACCEPTED, REJECTED = TriggerMessageStatus.ACCEPTED, TriggerMessageStatus.REJECTED
NOT_IMPLEMENTED = TriggerMessageStatus.NOT_IMPLEMENTED

OF_CONNECTORS = (MessageTrigger.METER_VALUES, MessageTrigger.STATUS_NOTIFICATION)

SENT = {
    MessageTrigger.BOOT_NOTIFICATION: (BootNotification,) + 3 * (StatusNotification,),
    MessageTrigger.DIAGNOSTICS_STATUS_NOTIFICATION: (DiagnosticsStatusNotification,),
    MessageTrigger.FIRMWARE_STATUS_NOTIFICATION: (FirmwareStatusNotification,),
    MessageTrigger.HEARTBEAT: (Heartbeat,),
    MessageTrigger.METER_VALUES: 2 * (MeterValues,),
    MessageTrigger.STATUS_NOTIFICATION: 3 * (StatusNotification,),
}
"""What a station of two connectors sends when no connector is named; an acceptance is followed by every status."""


def extended(play: Playbook, name: str, connector_id: int | None = None) -> TriggerMessageStatus:
    """What the station says to an ExtendedTriggerMessage."""
    request = ExtendedTriggerMessage(requested_message=name, connector_id=connector_id)
    return play.send(request, ExtendedTriggerMessageConf).status


@pytest.mark.parametrize("name", MessageTrigger)
def test_everything_that_1_6_knows_is_sent(name: MessageTrigger) -> None:
    """§5.17: Accepted, then the message."""
    with Playbook(STATION) as play:
        play.boot()
        trigger(play, name)

        for request in SENT[name]:
            play.expect(request)


@pytest.mark.parametrize("name", MessageTrigger)
def test_answer_leaves_before_what_was_asked_for(name: MessageTrigger) -> None:
    """§5.17: first the answer, then the message."""
    with Playbook(STATION) as play:
        play.boot()
        play.entries.clear()
        trigger(play, name)

        said = [type(entry.item) for entry in play.entries if entry.is_output]
        frames = [kind for kind in said if kind in (CallResult, *SENT[name])]
        assert frames[:2] == [CallResult, SENT[name][0]]
        play.skip()


@pytest.mark.parametrize("connector_id", [-1, 0, 1, 2, 3, 2**31 - 1])
@pytest.mark.parametrize("name", sorted(set(MessageTrigger) - set(OF_CONNECTORS)))
def test_connector_that_does_not_matter_is_ignored(name: str, connector_id: int) -> None:
    """§5.17: what is about the charge point is sent, and once."""
    with Playbook(STATION) as play:
        play.boot()
        trigger(play, name, connector_id)

        for request in SENT[MessageTrigger(name)]:
            play.expect(request)


@pytest.mark.parametrize(
    ("name", "connector_id", "status"),
    [
        ("MeterValues", -1, REJECTED),
        # There is no main meter.
        ("MeterValues", 0, REJECTED),
        ("MeterValues", 1, ACCEPTED),
        ("MeterValues", 2, ACCEPTED),
        ("MeterValues", 3, REJECTED),
        ("StatusNotification", -1, REJECTED),
        ("StatusNotification", 0, ACCEPTED),
        ("StatusNotification", 1, ACCEPTED),
        ("StatusNotification", 2, ACCEPTED),
        ("StatusNotification", 3, REJECTED),
    ],
)
def test_connector_that_matters_is_the_only_one_told_of(
    name: str, connector_id: int, status: TriggerMessageStatus
) -> None:
    """§5.17: of one that does not exist there is nothing to tell."""
    with Playbook(STATION) as play:
        play.boot()

        assert asked(play, name, connector_id) is status
        if status is ACCEPTED:
            play.expect(SENT[MessageTrigger(name)][0], connector_id=connector_id)


def test_statuses_of_nothing_going_on_are_idle() -> None:
    """§4.4, §4.5: the only occasion for Idle."""
    with Playbook(STATION) as play:
        play.boot()

        trigger(play, "DiagnosticsStatusNotification")
        play.expect(DiagnosticsStatusNotification(status=DiagnosticsStatus.IDLE))
        trigger(play, "FirmwareStatusNotification")
        play.expect(FirmwareStatusNotification(status=FirmwareStatus.IDLE))


@pytest.mark.parametrize("name", ["Authorize", "heartbeat", "LogStatusNotification", ""])
def test_message_that_1_6_does_not_know_is_not_implemented(name: str) -> None:
    """§5.17: a status, no CALLERROR; names are exact."""
    with Playbook(STATION) as play:
        play.boot()

        conf = play.send(TriggerMessage(requested_message=name), TriggerMessageConf)
        assert conf.status is NOT_IMPLEMENTED


@pytest.mark.parametrize("name", ["DiagnosticsStatusNotification", "FirmwareStatusNotification"])
def test_message_of_a_profile_that_is_switched_off_is_not_implemented(name: str) -> None:
    with Playbook(evolve(STATION, feature_profiles=("Core", FeatureProfile.REMOTE_TRIGGER))) as play:
        play.boot()

        assert asked(play, name) is NOT_IMPLEMENTED


def test_what_finds_no_room_is_rejected() -> None:
    """Accepted means that it will be sent: more than can wait is not."""
    with Playbook(station(*(Connector(),) * MAX_CONNECTORS)) as play:
        play.boot()
        play.central_system.answer(StatusNotification, SILENCE)

        trigger(play, "StatusNotification")
        assert asked(play, "StatusNotification") is REJECTED
        trigger(play, "Heartbeat")
        play.drop_link()
        play.skip()


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (ExtendedMessageTrigger.BOOT_NOTIFICATION, SENT[MessageTrigger.BOOT_NOTIFICATION]),
        (ExtendedMessageTrigger.HEARTBEAT, SENT[MessageTrigger.HEARTBEAT]),
        (ExtendedMessageTrigger.METER_VALUES, SENT[MessageTrigger.METER_VALUES]),
        (ExtendedMessageTrigger.STATUS_NOTIFICATION, SENT[MessageTrigger.STATUS_NOTIFICATION]),
    ],
)
def test_extended_trigger_asks_for_the_same(name: str, sent: tuple[type, ...]) -> None:
    with Playbook(STATION) as play:
        play.boot()

        assert extended(play, name) is ACCEPTED
        for request in sent:
            play.expect(request)


@pytest.mark.parametrize(
    "name",
    [
        ExtendedMessageTrigger.FIRMWARE_STATUS_NOTIFICATION,
        ExtendedMessageTrigger.LOG_STATUS_NOTIFICATION,
        ExtendedMessageTrigger.SIGN_CHARGE_POINT_CERTIFICATE,
        "DiagnosticsStatusNotification",
        "SignCertificate",
    ],
)
def test_extended_trigger_does_not_get_what_is_not_offered(name: str) -> None:
    """The plain FirmwareStatusNotification is not what it means, and names are those of its own list."""
    with Playbook(STATION) as play:
        play.boot()

        assert extended(play, name) is NOT_IMPLEMENTED


@pytest.mark.parametrize(("connector_id", "status"), [(0, ACCEPTED), (3, REJECTED)])
def test_extended_trigger_looks_at_connectors_in_the_same_way(connector_id: int, status: TriggerMessageStatus) -> None:
    with Playbook(STATION) as play:
        play.boot()

        assert extended(play, "StatusNotification", connector_id) is status
        if status is ACCEPTED:
            play.expect_status(connector_id, ChargePointStatus.AVAILABLE)
