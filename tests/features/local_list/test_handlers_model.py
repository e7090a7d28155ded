"""Whatever updates come, the list is the dictionary that they describe: before and after power cuts."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ocpp16cp.features.local_list.messages import AuthorizationData, SendLocalList, UpdateStatus, UpdateType
from ocpp16cp.testing import Playbook
from ocpp16cp.wire.types import AuthorizationStatus, IdTagInfo
from tests.features.configuration.asking import change
from tests.features.local_list.listing import stored, update, version_of
from tests.features.stations import STATION, configured

MAX_LENGTH, MAX_SENT = 5, 4

ENTRIES = st.lists(
    st.builds(
        AuthorizationData,
        id_tag=st.sampled_from("ABCDEFGabcdefg"),
        id_tag_info=st.none() | st.builds(IdTagInfo, status=st.sampled_from(AuthorizationStatus)),
    ),
    max_size=MAX_SENT + 1,
)
"""More cards than fit, each in two spellings."""


class ListHistory(RuleBasedStateMachine):
    """A station's list, and what it should be."""

    def __init__(self) -> None:
        super().__init__()
        lists = {"LocalAuthListMaxLength": MAX_LENGTH, "SendLocalListMaxLength": MAX_SENT}
        self.play = Playbook(configured(STATION, **lists))
        self.play.boot()
        self.version = 0
        self.entries: dict[str, AuthorizationData] = {}
        self.is_enabled = True

    def expected(self, req: SendLocalList) -> UpdateStatus:
        """What §5.15 has to say to an update; an accepted one is carried out."""
        entries = req.local_authorization_list or ()
        is_full = req.update_type is UpdateType.FULL
        if not self.is_enabled:
            return UpdateStatus.NOT_SUPPORTED
        if req.list_version < 1 and not (is_full and not entries and req.list_version == 0):
            return UpdateStatus.FAILED
        if not is_full and req.list_version <= self.version:
            return UpdateStatus.VERSION_MISMATCH
        after = {} if is_full else dict(self.entries)
        for each in entries:
            after[each.id_tag.lower()] = each
        says_nothing = is_full and any(each.id_tag_info is None for each in entries)
        after = {place: each for place, each in after.items() if each.id_tag_info is not None}
        is_ambiguous = len({each.id_tag.lower() for each in entries}) < len(entries)
        if says_nothing or is_ambiguous or len(entries) > MAX_SENT or len(after) > MAX_LENGTH:
            return UpdateStatus.FAILED
        self.entries, self.version = after, req.list_version if after else 0
        return UpdateStatus.ACCEPTED

    @rule(
        kind=st.sampled_from(UpdateType),
        step=st.sampled_from((-1, 0, 1, 1, 1, 2)),
        entries=ENTRIES,
        is_absolute=st.booleans(),
    )
    def send(self, kind: UpdateType, step: int, entries: list[AuthorizationData], is_absolute: bool) -> None:
        version = step if is_absolute else self.version + step
        request = SendLocalList(list_version=version, local_authorization_list=tuple(entries), update_type=kind)
        expected = self.expected(request)
        assert update(self.play, version, *entries, kind=kind) is expected

    @rule()
    def lose_power(self) -> None:
        self.play.power_cut()
        self.play.skip()

    @rule(is_enabled=st.booleans())
    def switch(self, is_enabled: bool) -> None:
        change(self.play, "LocalAuthListEnabled", str(is_enabled).lower())
        self.is_enabled = is_enabled

    @invariant()
    def list_is_the_dictionary(self) -> None:
        expected = {
            each.id_tag: each.id_tag_info.status for each in self.entries.values() if each.id_tag_info is not None
        }
        assert stored(self.play) == expected
        assert version_of(self.play) == (self.version if self.is_enabled else -1)


ListHistory.TestCase.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
TestListHistory = ListHistory.TestCase
