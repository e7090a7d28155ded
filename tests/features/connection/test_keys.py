from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.features.connection.keys import AUTHORIZATION_KEY
from ocpp16cp.kernel.keys import ValueRefused
from ocpp16cp.outcome import LinkLost
from ocpp16cp.testing import Playbook
from tests.features.stations import STATION, configured


@pytest.mark.parametrize(("repeat_times", "waits_s"), [(0, [10, 10, 10]), (1, [10, 20, 20]), (2, [10, 20, 40, 40])])
def test_wait_is_doubled_so_many_times(repeat_times: int, waits_s: list[float]) -> None:
    station = configured(
        STATION, RetryBackOffWaitMinimum=10, RetryBackOffRandomRange=0, RetryBackOffRepeatTimes=repeat_times
    )
    with Playbook(station) as play:
        play.boot()
        play.advance(60)
        play.skip()

        play.drop_link("cut")
        play.advance(sum(waits_s))

        for wait_s in waits_s:
            assert play.expect(LinkLost).retry_in_s == wait_s


@given(st.text(st.characters(codec="utf-8"), max_size=45))
def test_refused_authorization_key_is_not_repeated(text: str) -> None:
    """A secret that was mistyped is a secret still."""
    try:
        assert AUTHORIZATION_KEY.kind.parse(text, STATION) == text
    except ValueRefused as error:
        assert str(error) == f"{len(text)} characters that are no key of 16 to 20 bytes"  # noqa: PT017 - taken is as good
