from __future__ import annotations

from attrs import evolve

from ocpp16cp.events import (
    FaultCleared,
    FaultRaised,
)
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.configuration.messages import ChangeConfiguration
from ocpp16cp.features.transactions.messages import (
    RemoteStartTransaction,
    StartTransaction,
)
from ocpp16cp.outcome import (
    Awaited,
    Awaits,
    CardRefusal,
    CardRefused,
    StartAbandoned,
)
from ocpp16cp.testing import Playbook
from ocpp16cp.testing.central_system import Late, Refusal
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus
from tests.features.stations import SINGLE, SOCKET, STATION, configured

S = ChargePointStatus


GROUND, LOCK = ChargePointErrorCode.GROUND_FAILURE, ChargePointErrorCode.CONNECTOR_LOCK_FAILURE


def fault() -> FaultRaised:
    """Connector 1 cannot charge."""
    return FaultRaised(connector_id=1, error_code=GROUND)


def repaired() -> FaultCleared:
    """Connector 1 can charge again."""
    return FaultCleared(connector_id=1, error_code=GROUND)


def test_card_without_a_cable_times_out() -> None:
    """§9.1.5: from entering Preparing until the attempt is dropped."""
    with Playbook(configured(STATION, ConnectionTimeOut=20)) as play:
        play.boot()
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.advance(19.9)
        play.expect_nothing()
        play.advance(0.1)

        play.expect_status(1, S.AVAILABLE)
        play.expect(StartAbandoned(1, "TAG", "no cable was plugged in in time"))


def test_cable_without_a_card_times_out() -> None:
    """B6, errata 3.20: Finishing, so that the next driver's card does not start on this cable."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(59.9)
        play.expect_nothing()
        play.advance(0.1)
        play.expect_status(1, S.FINISHING)
        play.unplug(1)

        play.expect_status(1, S.AVAILABLE)


def test_cable_that_timed_out_is_no_candidate_at_a_common_reader() -> None:
    """Errata 3.20: with one reader for several connectors the next card means a free one."""
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(1)
        play.advance(60)
        play.expect_status(1, S.PREPARING)
        play.expect_status(1, S.FINISHING)
        play.present_card("NEXT")

        play.expect(Authorize(id_tag="NEXT"))
        play.expect_status(2, S.PREPARING)


def test_cable_that_timed_out_begins_anew_at_its_own_reader() -> None:
    """F2: the reader serves this connector alone, so the card means this cable."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.advance(60)
        play.skip()
        play.present_card("TAG")

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_cable_that_timed_out_begins_anew_by_remote_start() -> None:
    with Playbook(STATION) as play:
        play.boot()
        play.plug_in(1)
        play.advance(60)
        play.skip()
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))

        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_cable_without_a_vehicle_times_out_too() -> None:
    """B6 concerns whatever is plugged."""
    with Playbook(SOCKET) as play:
        play.boot()
        play.unplug_vehicle(1)
        play.expect_status(1, S.PREPARING)
        play.advance(60)

        play.expect_status(1, S.FINISHING)


def test_time_out_pauses_while_a_card_is_checked() -> None:
    """Card and cable are there: only the answer is missing, and it may come late."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(20))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(50)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(20)

        play.expect(StartTransaction, connector_id=1)
        play.expect_status(1, S.CHARGING)


def test_time_out_does_not_pause_for_the_card_of_another_reader() -> None:
    with Playbook(evolve(STATION, readers=((1,), (2,)))) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(20))
        play.plug_in(1)
        play.advance(50)
        play.present_card("TAG", reader=1)
        play.skip()
        play.advance(10)

        play.expect(Awaits(1, Awaited.UNPLUGGING))


def test_time_out_is_made_up_for_when_the_card_was_refused() -> None:
    with Playbook(configured(SINGLE, AllowOfflineTxForUnknownId=False)) as play:
        play.boot()
        play.central_system.answer(Authorize, Late(20, Refusal()))
        play.plug_in(1)
        play.expect_status(1, S.PREPARING)
        play.advance(50)
        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.advance(20)

        play.expect(CardRefused("TAG", CardRefusal.OFFLINE))
        play.expect_status(1, S.FINISHING)


def test_time_out_zero_is_none() -> None:
    """§9.1.5 is silent about 0: it means no time-out."""
    with Playbook(configured(STATION, ConnectionTimeOut=0, WebSocketPingInterval=0)) as play:
        play.central_system.interval_s = 100_000
        play.boot()
        play.plug_in(2)
        play.expect_status(2, S.PREPARING)
        play.send(RemoteStartTransaction(connector_id=1, id_tag="TAG"))
        play.expect(Authorize(id_tag="TAG"))
        play.expect_status(1, S.PREPARING)
        play.advance(50_000)

        play.expect_nothing()


def test_new_time_out_counts_from_the_beginning_of_the_wait() -> None:
    """§5.3: and fires at once if it is past."""
    with Playbook(STATION) as play:
        play.boot()
        play.present_card("TAG")
        play.skip()
        play.advance(30)
        play.send(ChangeConfiguration(key="ConnectionTimeOut", value="25"))

        play.expect_status(1, S.AVAILABLE)


def test_time_out_begins_anew_after_a_repair() -> None:
    """§17: Preparing again, from then."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.plug_in(1)
        play.advance(50)
        play.happens(fault())
        play.advance(50)
        play.happens(repaired())
        play.skip()
        play.advance(59)
        play.expect_nothing()
        play.advance(1)

        play.expect_status(1, S.FINISHING)
