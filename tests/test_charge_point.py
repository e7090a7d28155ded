from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from attrs import evolve

from ocpp16cp.charge_point import FEATURES, ChargePoint
from ocpp16cp.errors import UsageError
from ocpp16cp.events import CardPresented, ClockSet, LinkDown, LinkUp, SocketChanged, SocketState, Started, Woke
from ocpp16cp.kernel.records import RecordUnreadable
from ocpp16cp.outcome import LinkLost, Open, Outcome, Write
from ocpp16cp.testing import Playbook
from tests.features.stations import SINGLE, STATION


def started() -> ChargePoint:
    """A charge point at the beginning of its first run."""
    charge_point = ChargePoint(STATION, random=Random(0))
    charge_point.handle(Started(), now=10.0)
    return charge_point


def test_first_event_of_a_run_is_that_it_started() -> None:
    charge_point = ChargePoint(STATION, random=Random(0))

    with pytest.raises(UsageError, match="`Started` is the first event of a run"):
        charge_point.handle(Woke(), now=0.0)
    outcome = charge_point.handle(Started(), now=0.0)

    assert [type(action) for action in outcome.link] == [Open]


def test_run_starts_once() -> None:
    with pytest.raises(UsageError, match="comes once"):
        started().handle(Started(), now=11.0)


def test_time_never_runs_backwards() -> None:
    charge_point = started()

    with pytest.raises(UsageError, match=r"now: 9\.9 is before 10\.0"):
        charge_point.handle(Woke(), now=9.9)
    charge_point.handle(Woke(), now=10.0)


def test_what_is_no_event_is_refused_and_changes_nothing() -> None:
    charge_point = started()
    before = charge_point.records()

    with pytest.raises(UsageError, match="'hello' is no event"):
        charge_point.handle("hello", now=10.0)  # type: ignore[arg-type]  # that is the mistake

    assert charge_point.records() == before
    charge_point.audit(now=10.0)


def test_event_that_changes_nothing_leads_to_nothing_but_the_next_instant() -> None:
    charge_point = started()

    first = charge_point.handle(Woke(), now=10.0)

    assert first == Outcome(wake_at=first.wake_at)
    assert charge_point.handle(Woke(), now=10.0) == first


def test_records_are_what_the_writes_amount_to() -> None:
    charge_point = ChargePoint(STATION, random=Random(0))

    outcome = charge_point.handle(Started(), now=0.0)

    assert set(charge_point.records()) == set(outcome.writes)
    assert set(ChargePoint(STATION, records=outcome.writes, random=Random(0)).records()) == set(outcome.writes)


def test_every_run_has_a_number_of_its_own() -> None:
    """The number makes message ids unique for ever (OCPP-J §4.1.4)."""
    with Playbook(SINGLE) as play:
        play.boot()
        play.power_cut()
        play.skip()

        texts = [entry.item.text for entry in play.entries if hasattr(entry.item, "text")]
        ids = [text.split('"')[1] for text in texts]
        assert ids == ["1-1", "1-2", "1-3", "2-1", "2-2", "2-3"]


@pytest.mark.parametrize(
    "record",
    [
        Write("no.such.table", "1", "[1,{}]"),
        Write("kernel.run", "", "no text of ours"),
        Write("kernel.run", "", '[1,{"number":"one"}]'),
        Write("kernel.run", "", '[99,{"number":1}]'),
        Write("connectors.sockets", "1", '[1,{"state":"Empty"}]'),
    ],
)
def test_record_that_cannot_be_understood_is_named_before_anything_runs(record: Write) -> None:
    with pytest.raises(RecordUnreadable, match=f"table '{record.table}'") as caught:
        ChargePoint(STATION, records=[record], random=Random(0))

    assert caught.value.table == record.table


def test_fork_goes_its_own_way() -> None:
    charge_point = started()
    charge_point.handle(LinkUp(1), now=11.0)
    twin = charge_point.fork()

    twin.handle(SocketChanged(1, SocketState.VEHICLE), now=12.0)
    same = charge_point.fork().handle(CardPresented("TAG"), now=12.0)

    assert charge_point.handle(CardPresented("TAG"), now=12.0) == same
    assert twin.records() == charge_point.records()


def test_fork_throws_the_same_dice() -> None:
    """The future of a fork is that of the original, chance included."""
    with Playbook(STATION) as play:
        play.boot()
        twin = play.charge_point.fork()
        play.drop_link("cut")

        assert twin.handle(LinkDown(1, "cut"), now=0.0).notices[-1] == play.expect(LinkLost)


def test_station_that_contradicts_itself_does_not_begin() -> None:
    with pytest.raises(UsageError, match="there is no key"):
        ChargePoint(evolve(STATION, configuration=(("NoSuchKey", "1"),)), random=Random(0))


def test_features_stand_from_high_to_low() -> None:
    names = [feature.name for feature in FEATURES]

    assert (
        names.index("status") < names.index("transactions") < names.index("connectors") < names.index("configuration")
    )
    assert len(names) == len(set(names))


def test_application_reads_the_clock() -> None:
    """1970 before anybody has told the time."""
    charge_point = started()
    assert charge_point.utc(now=12.0) == datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)

    charge_point.handle(ClockSet(datetime(2026, 3, 1, tzinfo=UTC)), now=20.0)

    assert charge_point.utc(now=20.5) == datetime(2026, 3, 1, 0, 0, 0, 500_000, tzinfo=UTC)


def test_application_reads_the_configuration() -> None:
    """At any time, also before the first event; names in any letter case."""
    charge_point = ChargePoint(STATION, random=Random(0))

    assert charge_point.configuration()["NumberOfConnectors"] == "2"
    assert charge_point.key_text("numberofconnectors") == "2"
    assert charge_point.key_text("CpoName") is None


def test_key_that_the_station_does_not_have_cannot_be_read() -> None:
    core = ChargePoint(evolve(STATION, feature_profiles=("Core",)), random=Random(0))

    with pytest.raises(UsageError, match="there is no configuration key 'LocalAuthListEnabled'"):
        core.key_text("LocalAuthListEnabled")
