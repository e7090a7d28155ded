"""What handlers and rules work with, one method at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import frozen

from ocpp16cp.events import ClockSet, Started
from ocpp16cp.kernel import outbox
from ocpp16cp.kernel.clock import EPOCH
from ocpp16cp.kernel.keys import ValueRefused, boolean, integer, key, plain_text
from ocpp16cp.kernel.step import Step
from ocpp16cp.kernel.tables import durable, durable_single
from ocpp16cp.kernel.timekeeping import tell_time
from ocpp16cp.outcome import KeyChanged, LinkLost, Ping, SetOutput, Write
from ocpp16cp.vendor_keys import Access
from tests.kernel.artificial import STATION, Device, Log, Script, made_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIMIT = key("Limit", integer(2, 9), 5)
IS_LOUD = key("IsLoud", boolean(), False)


@frozen
class Mark:
    """Something to remember."""

    text: str = ""


MARKS = durable("marks", int, Mark)
LAST = durable_single("last", Mark("none"))
FEATURE = made_of(tables=(MARKS, LAST.table), keys=(LIMIT, IS_LOUD))


def seen_in(device: Device, look: Script) -> object:
    """What a handler sees."""
    found: list[object] = []
    device.do(lambda step: found.append(look(step)))
    return found[0]


def test_single_record_is_its_default_until_it_is_set() -> None:
    device = Device(FEATURE).start()

    assert seen_in(device, lambda step: step.one(LAST)) == Mark("none")
    device.do(lambda step: step.set(LAST, Mark("a")))
    assert seen_in(device, lambda step: step.one(LAST)) == Mark("a")
    device.do(lambda step: step.set(LAST, Mark("none")))
    assert seen_in(device, lambda step: (step.one(LAST), len(step[LAST.table]))) == (Mark("none"), 0)


def longest(of: tuple[Mark, ...], last: tuple[Mark, int] | None) -> tuple[Mark, int]:
    """The longest mark, and how often that was worked out."""
    return max(of, key=lambda mark: len(mark.text)), 1 if last is None else last[1] + 1


def test_what_is_derived_is_kept_until_its_records_are_others() -> None:
    """Equal records that were put anew are no others; an undone step leaves nothing wrong behind."""
    device = Device(FEATURE).start()

    def look(step: Step) -> object:
        return step.derived(longest, tuple(step[MARKS].values()))

    device.do(lambda step: step.put(MARKS, 1, Mark("a")))
    assert [seen_in(device, look) for _ in range(3)] == [(Mark("a"), 1)] * 3
    device.do(lambda step: step.put(MARKS, 1, Mark("a")))
    assert seen_in(device, look) == (Mark("a"), 1)
    device.do(lambda step: step.put(MARKS, 2, Mark("bb")))
    twin = device.engine.copy()
    assert seen_in(device, look) == (Mark("bb"), 2)
    device.do(lambda step: step.remove(MARKS, 2))
    assert seen_in(device, look) == (Mark("a"), 3)
    assert twin.derived[longest] == ((Mark("a"),), (Mark("a"), 1))


def test_key_has_its_default_until_it_is_changed() -> None:
    device = Device(FEATURE).start()
    assert seen_in(device, lambda step: (step.key(LIMIT), step.key(IS_LOUD))) == (5, False)

    outcome = device.do(lambda step: step.set_key(LIMIT, 7), lambda step: step.set_key(IS_LOUD, True))

    assert outcome.writes == (
        Write("configuration.values", "Limit", '[1,{"text":"7"}]'),
        Write("configuration.values", "IsLoud", '[1,{"text":"true"}]'),
    )
    assert seen_in(device, lambda step: (step.key(LIMIT), step.key(IS_LOUD))) == (7, True)


def test_key_set_to_what_it_is_writes_and_says_nothing() -> None:
    device = Device(FEATURE).start()
    device.do(lambda step: step.set_key(LIMIT, 7))

    outcome = device.do(lambda step: step.set_key(LIMIT, 7))

    assert (outcome.writes, outcome.notices) == ((), ())


def test_application_is_told_of_every_change() -> None:
    """The value of a write-only key excepted."""
    secret = key("Secret", plain_text(), "", access=Access.WRITE_ONLY)
    device = Device(FEATURE, made_of(keys=[secret], name="secret")).start()

    device.do(
        lambda step: step.set_key(LIMIT, 7),
        lambda step: step.set_key(LIMIT, 5),
        lambda step: step.set_key(secret, "confidential"),
    )

    assert device.outcome.notices == (KeyChanged("Limit", "7"), KeyChanged("Limit", "5"), KeyChanged("Secret", None))


def test_key_back_at_its_default_is_not_stored() -> None:
    device = Device(FEATURE).start()
    device.do(lambda step: step.set_key(LIMIT, 7))

    assert device.do(lambda step: step.set_key(LIMIT, 5)).writes == (Write("configuration.values", "Limit", None),)
    assert device.do(lambda step: step.set_key(LIMIT, 5)).writes == ()


def test_key_survives_a_power_cut() -> None:
    device = Device(FEATURE).start()
    device.do(lambda step: step.set_key(LIMIT, 7))

    assert seen_in(device.power_cut(FEATURE).start(), lambda step: step.key(LIMIT)) == 7


def test_key_changed_and_dropped_is_what_it_was() -> None:
    """Values are parsed once each: the one that was dropped must not be remembered."""
    device = Device(FEATURE).start()
    device.do(lambda step: step.set_key(LIMIT, 7))

    def change_and_fail(step: Step) -> None:
        step.set_key(LIMIT, 8)
        assert step.key(LIMIT) == 8
        raise LookupError

    with pytest.raises(LookupError):
        device.do(change_and_fail)

    assert seen_in(device, lambda step: step.key(LIMIT)) == 7


@pytest.mark.parametrize("value", [1, 10, 10**9])
def test_key_is_never_set_to_what_could_not_be_read_back(value: int) -> None:
    """A value out of bounds would fail at each use, after every restart."""
    device = Device(FEATURE, audited=False).start()

    with pytest.raises(ValueRefused):
        device.do(lambda step: step.set_key(LIMIT, value))

    assert seen_in(device, lambda step: step.key(LIMIT)) == 5


def test_instant_has_come_when_it_is_reached() -> None:
    device = Device()
    device.handle(Started(utc=NOON), at=100.0)

    assert seen_in(device, lambda step: [step.due(at) for at in (99.0, 100.0, 100.001)]) == [True, True, False]
    instants = [NOON - timedelta(seconds=1), NOON, NOON + timedelta(milliseconds=1)]
    assert seen_in(device, lambda step: [step.due(at) for at in instants]) == [True, True, False]
    assert device.wakes_at() is None


def test_time_of_day_is_cut_to_milliseconds() -> None:
    device = Device()
    device.handle(Started(utc=NOON + timedelta(microseconds=1999)), at=100.0)

    device.now = 101.0005

    assert seen_in(device, lambda step: step.utc) == NOON + timedelta(seconds=1, milliseconds=2)


def test_clock_that_was_never_set_begins_with_the_epoch() -> None:
    device = Device()
    device.handle(Started(), at=100.0)

    device.now = 107.0

    assert seen_in(device, lambda step: step.utc) == EPOCH + timedelta(seconds=7)


def test_clock_can_be_set_in_any_zone() -> None:
    device = Device().start()

    device.handle(ClockSet(NOON.astimezone(timezone(timedelta(hours=5)))))

    assert seen_in(device, lambda step: (step.utc, step.utc.tzinfo)) == (NOON, UTC)


def at_the_end_of_time() -> list[datetime]:
    """Instants a central system can send, or a broken clock can show."""
    return [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 12, tzinfo=UTC),
    ]


@pytest.mark.parametrize("utc", at_the_end_of_time())
def test_clock_set_to_the_end_of_time_harms_nothing(utc: datetime) -> None:
    """A time stamp that cannot be calculated would end the run, and the next one with the next currentTime."""
    device = Device().start()
    device.do(lambda step: tell_time(step, utc))

    device.now += 20 * 366 * 86_400.0

    found = seen_in(device, lambda step: (step.utc, [step.due(end) for end in at_the_end_of_time()]))
    assert isinstance(found, tuple)
    assert isinstance(found[0], datetime)


@pytest.mark.parametrize(
    "utc",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_clock_set_to_what_does_not_exist_in_utc_harms_nothing(utc: datetime) -> None:
    device = Device().start()

    device.handle(ClockSet(utc))

    assert isinstance(seen_in(device, lambda step: step.utc), datetime)


def test_step_knows_its_station() -> None:
    assert seen_in(Device().start(), lambda step: step.station) is STATION


def test_chance_comes_from_the_seed() -> None:
    def draw(step: Step) -> float:
        return step.random.random()

    assert seen_in(Device(seed=3).start(), draw) == seen_in(Device(seed=3).start(), draw)
    assert seen_in(Device(seed=3).start(), draw) != seen_in(Device(seed=4).start(), draw)


def test_step_that_starts_over_has_done_nothing() -> None:
    device = Device(FEATURE).start()

    seen: list[int | None] = []

    def script(step: Step) -> None:
        step.put(MARKS, 1, Mark("a"))
        step.command(SetOutput(1, is_on=True))
        step.transport(Ping(1))
        step.notice(LinkLost("gone", 1.0))
        outbox.submit(step, Log(text="a"))
        seen.append(step.was_submitted)
        step.start_over()
        seen.append(step.was_submitted)
        step.put(MARKS, 2, Mark("b"))

    outcome = device.do(script)

    assert outcome.writes == (Write("marks", "2", '[1,{"text":"b"}]'),)
    assert (outcome.commands, outcome.link, outcome.notices) == ((), (), ())
    assert seen == [1, None]
