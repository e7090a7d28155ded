"""MaxEnergyOnInvalidId: what is still delivered after a start that is not accepted (§9.1.14)."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.events import StopPressed
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.transactions.messages import StartTransaction, StartTransactionConf, StopTransaction
from ocpp16cp.station import Station
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Late
from ocpp16cp.wire.types import AuthorizationStatus, ChargePointStatus, IdTagInfo, Reason
from tests.features.stations import SINGLE, SOCKET, configured

S = ChargePointStatus
REFUSALS = [each for each in AuthorizationStatus if each is not AuthorizationStatus.ACCEPTED]


def granting(grace_wh: int, *, stops: bool = True, station: Station = SINGLE) -> Station:
    """A station that still delivers something to a card that is not accepted."""
    return configured(
        station, MaxEnergyOnInvalidId=grace_wh, StopTransactionOnInvalidId=stops, MeterValueSampleInterval=0
    )


def refuse(play: Playbook, status: AuthorizationStatus = AuthorizationStatus.INVALID, after_s: float = 0) -> None:
    """Let a card charge that is refused at its start."""
    conf = StartTransactionConf(id_tag_info=IdTagInfo(status=status), transaction_id=7)
    play.central_system.answer(StartTransaction, Late(after_s, conf))
    play.plug_in(1)
    play.expect_status(1, S.PREPARING)
    play.present_card("TAG")
    play.expect(Authorize(id_tag="TAG"))
    play.expect(StartTransaction)
    if after_s == 0:
        play.expect_status(1, S.CHARGING)


@pytest.mark.parametrize("status", REFUSALS)
def test_transaction_ends_when_the_energy_is_used_up(status: AuthorizationStatus) -> None:
    """StopTransactionOnInvalidId: DeAuthorized, when the register shows so much more, and not a Wh before."""
    with Playbook(granting(50)) as play:
        play.boot()
        refuse(play, status)
        play.deliver(1, 49)
        assert play.hardware.outputs[1]
        play.expect_nothing()
        play.deliver(1, 1)

        play.expect(StopTransaction, id_tag="TAG", reason=Reason.DE_AUTHORIZED, meter_stop=1050, transaction_id=7)
        play.expect_status(1, S.FINISHING)
        assert not play.hardware.outputs[1]


@pytest.mark.parametrize("status", REFUSALS)
def test_only_the_energy_may_end_when_it_is_used_up(status: AuthorizationStatus) -> None:
    """Without StopTransactionOnInvalidId: SuspendedEVSE, and the transaction stays open."""
    with Playbook(granting(50, stops=False)) as play:
        play.boot()
        refuse(play, status)
        play.deliver(1, 49)
        play.expect_nothing()
        play.deliver(1, 2)
        play.expect_status(1, S.SUSPENDED_EVSE)
        assert not play.hardware.outputs[1]
        play.advance(200)
        play.expect_nothing()
        play.present_card("TAG")

        play.expect(StopTransaction, id_tag="TAG", reason=Reason.LOCAL, meter_stop=1051, transaction_id=7)
        play.expect_status(1, S.FINISHING)


def test_energy_counts_from_the_answer() -> None:
    """What flowed before nobody could know to refuse."""
    with Playbook(granting(50)) as play:
        play.boot()
        refuse(play, after_s=10)
        play.deliver(1, 400)
        play.advance(10)
        play.expect_status(1, S.CHARGING)
        play.deliver(1, 49)
        play.expect_nothing()
        play.deliver(1, 1)

        play.expect(StopTransaction, reason=Reason.DE_AUTHORIZED, meter_stop=1450)
        play.expect_status(1, S.FINISHING)


def test_cable_stays_locked_when_the_energy_is_used_up() -> None:
    """Errata 3.5: as after every start that is not accepted."""
    with Playbook(granting(50, station=SOCKET)) as play:
        play.boot()
        refuse(play)
        play.deliver(1, 50)
        play.expect(StopTransaction, reason=Reason.DE_AUTHORIZED)
        play.expect_status(1, S.FINISHING)
        locks = [entry for entry in play.entries if type(entry.item).__name__ == "Unlock"]
        assert locks == []
        play.present_card("TAG")

        locks = [entry for entry in play.entries if type(entry.item).__name__ == "Unlock"]
        assert len(locks) == 1


def test_transaction_that_ends_before_the_energy_is_used_up_keeps_its_reason() -> None:
    with Playbook(granting(50)) as play:
        play.boot()
        refuse(play)
        play.deliver(1, 10)
        play.happens(StopPressed(1))

        play.expect(StopTransaction, reason=Reason.LOCAL, meter_stop=1010)
        play.expect_status(1, S.FINISHING)
        play.deliver(1, 100)


def test_accepted_start_is_not_limited() -> None:
    with Playbook(granting(50)) as play:
        play.boot()
        play.begin_transaction()
        play.deliver(1, 5000)

        play.expect_nothing()
        assert play.hardware.outputs[1]


def test_energy_that_is_granted_is_granted_whatever_the_key_says_later() -> None:
    """The key counts for answers to come."""
    with Playbook(granting(50)) as play:
        play.boot()
        refuse(play)
        play.send(ChangeConfiguration(key="MaxEnergyOnInvalidId", value="0"))
        play.deliver(1, 49)
        play.expect_nothing()
        play.deliver(1, 1)

        play.expect(StopTransaction, reason=Reason.DE_AUTHORIZED)
        play.expect_status(1, S.FINISHING)


@pytest.mark.parametrize("stops", [True, False])
def test_how_it_ends_is_what_the_key_said_when_the_answer_came(stops: bool) -> None:
    """StopTransactionOnInvalidId counts for answers to come as well."""
    with Playbook(granting(50, stops=stops)) as play:
        play.boot()
        refuse(play)
        play.send(ChangeConfiguration(key="StopTransactionOnInvalidId", value=str(not stops).lower()))
        play.deliver(1, 50)

        if stops:
            play.expect(StopTransaction, reason=Reason.DE_AUTHORIZED)
            play.expect_status(1, S.FINISHING)
        else:
            play.expect_status(1, S.SUSPENDED_EVSE)


def test_energy_that_is_granted_survives_a_power_cut() -> None:
    """Resumed, the transaction may have the rest and no more."""
    station = granting(50)
    resuming = evolve(station, settings=evolve(station.settings, resumes_transactions=True))
    with Playbook(resuming) as play:
        play.boot()
        refuse(play)
        play.deliver(1, 30)
        play.power_cut(off_s=60)
        play.skip()
        assert play.hardware.outputs[1]
        play.deliver(1, 19)
        play.expect_nothing()
        play.deliver(1, 1)

        play.expect(StopTransaction, reason=Reason.DE_AUTHORIZED, meter_stop=1050, transaction_id=7)
        play.expect_status(1, S.FINISHING)


def test_card_refused_after_an_outage_gets_what_is_granted_from_then_on() -> None:
    with Playbook(granting(50)) as play:
        play.ignore(MeterValues)
        play.boot()
        play.drop_link()
        play.plug_in(1)
        play.present_card("TAG")
        play.deliver(1, 3000)
        conf = StartTransactionConf(id_tag_info=IdTagInfo(status=AuthorizationStatus.BLOCKED), transaction_id=7)
        play.central_system.answer(StartTransaction, conf)
        play.restore_link()
        play.expect_status(1, S.CHARGING)
        play.expect(StartTransaction, meter_start=1000)
        play.deliver(1, 50)

        play.expect(StopTransaction, reason=Reason.DE_AUTHORIZED, meter_stop=4050)
        play.expect_status(1, S.FINISHING)
