"""Updates of the local authorization list and its version (§5.10, §5.15)."""

from __future__ import annotations

from random import Random

import pytest
from attrs import evolve

from ocpp16cp.charge_point import ChargePoint
from ocpp16cp.events import TextReceived
from ocpp16cp.features.local_list.messages import (
    AuthorizationData,
    SendLocalList,
    SendLocalListConf,
    UpdateStatus,
    UpdateType,
)
from ocpp16cp.station import FeatureProfile
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus
from tests.features.configuration.asking import ACCEPTED as CHANGED
from tests.features.configuration.asking import change
from tests.features.local_list.listing import (
    DIFFERENTIAL,
    FULL,
    entry,
    send_list,
    stored,
    update,
    version_of,
)
from tests.features.stations import STATION, configured

A = AuthorizationStatus
ACCEPTED, FAILED = UpdateStatus.ACCEPTED, UpdateStatus.FAILED
MISMATCH, NOT_SUPPORTED = UpdateStatus.VERSION_MISMATCH, UpdateStatus.NOT_SUPPORTED
SHORT = configured(STATION, LocalAuthListMaxLength=3, SendLocalListMaxLength=2)


def test_list_is_empty_to_begin_with() -> None:
    """§5.10: and has the version 0."""
    with Playbook(STATION) as play:
        play.boot()

        assert version_of(play) == 0


@pytest.mark.parametrize("version", [1, 4, 5, 6, 2**31 - 1])
def test_full_update_replaces_everything_whatever_its_version(version: int) -> None:
    """§5.15: the version may be lower, the same, or higher."""
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "A", "B", version=5)

        assert update(play, version, "B", "C") is ACCEPTED
        assert stored(play) == {"B": "Accepted", "C": "Accepted"}
        assert version_of(play) == version


@pytest.mark.parametrize("version", [0, 1, 7])
@pytest.mark.parametrize("entries", [None, ()])
def test_full_update_without_entries_clears_the_list(
    version: int, entries: tuple[AuthorizationData, ...] | None
) -> None:
    """§5.10: an empty list has the version 0, whatever was sent."""
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "A", "B", version=5)
        request = SendLocalList(list_version=version, local_authorization_list=entries, update_type=FULL)

        assert play.send(request) == SendLocalListConf(status=ACCEPTED)
        assert stored(play) == {}
        assert version_of(play) == 0


def test_differential_update_adds_changes_and_deletes() -> None:
    """§5.15: with an info the entry is added or replaced, without one it is deleted; an unknown card may be deleted."""
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "A", "B", "C")

        changes = (entry("a", A.BLOCKED), entry("B", None), "D", entry("E", None))
        assert update(play, 2, *changes, kind=DIFFERENTIAL) is ACCEPTED
        assert stored(play) == {"a": "Blocked", "C": "Accepted", "D": "Accepted"}
        assert version_of(play) == 2


def test_differential_update_writes_what_it_changes_alone() -> None:
    """An update of one entry in a long list is no rewriting of the list."""
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, *(f"CARD-{number}" for number in range(10)))
        changes = (entry("CARD-3"), entry("CARD-4", A.BLOCKED))
        request = SendLocalList(list_version=2, local_authorization_list=changes, update_type=DIFFERENTIAL)
        _, text = play.central_system.call(request)

        outcome = play.charge_point.fork().handle(TextReceived(1, text), now=play.now)

        assert {(write.table, write.key) for write in outcome.writes} == {
            ("local_list.entries", "card-4"),
            ("local_list.version", ""),
        }


@pytest.mark.parametrize("version", [1, 4, 5])
def test_differential_update_that_is_not_newer_is_a_mismatch(version: int) -> None:
    """§5.15: nothing changes."""
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "A", version=5)

        assert update(play, version, "B", kind=DIFFERENTIAL) is MISMATCH
        assert stored(play) == {"A": "Accepted"}
        assert version_of(play) == 5


def test_first_update_may_be_differential() -> None:
    """§5.15: an empty list has the version 0, so 1 is newer."""
    with Playbook(STATION) as play:
        play.boot()

        assert update(play, 1, "A", kind=DIFFERENTIAL) is ACCEPTED
        assert version_of(play) == 1


def test_differential_update_without_entries_changes_the_version_alone() -> None:
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "A")

        assert update(play, 9, kind=DIFFERENTIAL) is ACCEPTED
        assert stored(play) == {"A": "Accepted"}
        assert version_of(play) == 9


def test_differential_update_without_entries_leaves_an_empty_list_at_0() -> None:
    with Playbook(STATION) as play:
        play.boot()

        assert update(play, 9, kind=DIFFERENTIAL) is ACCEPTED
        assert version_of(play) == 0


def test_list_that_a_differential_update_leaves_empty_has_the_version_0() -> None:
    """The next differential update begins at 1 again."""
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "A", version=5)

        assert update(play, 6, entry("A", None), kind=DIFFERENTIAL) is ACCEPTED
        assert version_of(play) == 0
        assert update(play, 1, "B", kind=DIFFERENTIAL) is ACCEPTED


@pytest.mark.parametrize(
    ("kind", "version", "entries"),
    [
        (FULL, 0, ("A",)),
        (FULL, -1, ()),
        (FULL, -1, ("A",)),
        (DIFFERENTIAL, 0, ()),
        (DIFFERENTIAL, -1, ("A",)),
        (FULL, 6, ("A", "B", "C")),
        (DIFFERENTIAL, 6, ("A", "B", "C")),
        (FULL, 6, ("A", "a")),
        (DIFFERENTIAL, 6, ("A", entry("a", None))),
        (FULL, 6, ("A", entry("B", None))),
        (DIFFERENTIAL, 6, ("D", "E")),
    ],
    ids=str,
)
def test_update_that_breaks_a_rule_fails_and_changes_nothing(
    kind: UpdateType, version: int, entries: tuple[AuthorizationData | str, ...]
) -> None:
    """Errata 3.52 (0 and -1), the two limits, a card named twice, an entry that says nothing in a full update."""
    with Playbook(SHORT) as play:
        play.boot()
        send_list(play, "X", "Y", version=5)

        assert update(play, version, *entries, kind=kind) is FAILED
        assert stored(play) == {"X": "Accepted", "Y": "Accepted"}
        assert version_of(play) == 5


def test_what_is_deleted_makes_room_in_the_same_update() -> None:
    """It is the list after the update that has to fit."""
    with Playbook(SHORT) as play:
        play.boot()
        send_list(play, "A", "B")
        assert update(play, 2, "C", kind=DIFFERENTIAL) is ACCEPTED

        assert update(play, 3, "D", "E", kind=DIFFERENTIAL) is FAILED
        assert update(play, 3, entry("A", None), "D", kind=DIFFERENTIAL) is ACCEPTED
        assert update(play, 4, entry("Z", None), "E", kind=DIFFERENTIAL) is FAILED
        assert sorted(stored(play)) == ["B", "C", "D"]


def test_old_version_is_told_before_anything_else_that_is_wrong() -> None:
    """The central system has to look what there is, not what it has sent."""
    with Playbook(SHORT) as play:
        play.boot()
        send_list(play, "A", version=5)

        assert update(play, 5, "B", "b", "C", kind=DIFFERENTIAL) is MISMATCH


def test_list_survives_a_power_cut() -> None:
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "A", entry("B", A.BLOCKED, "GROUP", play=play, expires_in_s=3600), version=5)
        before = play.disk
        play.power_cut()
        play.skip()

        assert play.disk != ()
        assert [each for each in play.disk if "local_list" in each.table] == [
            each for each in before if "local_list" in each.table
        ]
        assert version_of(play) == 5


def test_station_without_a_list_has_no_version_and_takes_none() -> None:
    """§5.10: -1; switched on again, the list is what it was."""
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "A", version=5)
        assert change(play, "LocalAuthListEnabled", "false") == CHANGED

        assert version_of(play) == -1
        assert update(play, 6, "B") is NOT_SUPPORTED
        assert update(play, 6, "B", kind=DIFFERENTIAL) is NOT_SUPPORTED
        assert change(play, "LocalAuthListEnabled", "true") == CHANGED
        assert version_of(play) == 5
        assert stored(play) == {"A": "Accepted"}


def test_station_without_the_profile_has_no_list() -> None:
    """Certification takes -1 and NotSupported as well as a CALLERROR; what was stored waits for the profile."""
    without = evolve(STATION, feature_profiles=("Core", FeatureProfile.RESERVATION))
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, "A", version=5)
        play.station = without
        play.power_cut()
        play.skip()

        assert version_of(play) == -1
        assert update(play, 6, "B") is NOT_SUPPORTED
        play.station = STATION
        play.power_cut()
        play.skip()
        assert version_of(play) == 5


def test_charge_point_loads_the_list_it_stored() -> None:
    with Playbook(STATION) as play:
        play.boot()
        send_list(play, entry("A", A.INVALID, "P", play=play, expires_in_s=1))
        records = play.disk

    assert set(ChargePoint(STATION, records=records, random=Random(0)).records()) == set(records)
