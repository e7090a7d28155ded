"""The table of authorization (§3.5), written out: every combination of what is known of a card and of four switches."""

from __future__ import annotations

from itertools import product

import pytest

from ocpp16cp.features.authorization.questions import Circumstances, Decision, Known, decide
from ocpp16cp.wire.types import AuthorizationStatus

ASK, ACCEPT, REFUSE = Decision.ASK, Decision.ACCEPT, Decision.REFUSE

KNOWN: dict[str, Known | None] = {
    "none": None,
    "accepted": Known(AuthorizationStatus.ACCEPTED, None),
    "accepted in a group": Known(AuthorizationStatus.ACCEPTED, "PARENT"),
    "blocked": Known(AuthorizationStatus.BLOCKED, None),
    "expired": Known(AuthorizationStatus.EXPIRED, None),
    "invalid": Known(AuthorizationStatus.INVALID, None),
    "concurrent": Known(AuthorizationStatus.CONCURRENT_TX, None),
    "listed as accepted": Known(AuthorizationStatus.ACCEPTED, None, is_listed=True),
    "listed as blocked": Known(AuthorizationStatus.BLOCKED, None, is_listed=True),
    "listed as concurrent": Known(AuthorizationStatus.CONCURRENT_TX, None, is_listed=True),
}

ONLINE = {
    # entry: with LocalPreAuthorize, without. The two switches for offline change nothing.
    "none": (ASK, ASK),
    "accepted": (ACCEPT, ASK),
    "accepted in a group": (ACCEPT, ASK),
    "blocked": (ASK, ASK),
    "expired": (ASK, ASK),
    "invalid": (ASK, ASK),
    "concurrent": (ASK, ASK),
    "listed as accepted": (ACCEPT, ASK),
    "listed as blocked": (ASK, ASK),
    "listed as concurrent": (ACCEPT, ASK),
}

OFFLINE = {
    # entry: (LocalAuthorizeOffline, AllowOfflineTxForUnknownId) = (yes, yes), (yes, no), (no, yes), (no, no).
    # LocalPreAuthorize changes nothing.
    "none": (ACCEPT, REFUSE, ACCEPT, REFUSE),
    "accepted": (ACCEPT, ACCEPT, ACCEPT, REFUSE),
    "accepted in a group": (ACCEPT, ACCEPT, ACCEPT, REFUSE),
    "blocked": (REFUSE, REFUSE, REFUSE, REFUSE),
    "expired": (REFUSE, REFUSE, REFUSE, REFUSE),
    "invalid": (REFUSE, REFUSE, REFUSE, REFUSE),
    "concurrent": (REFUSE, REFUSE, REFUSE, REFUSE),
    "listed as accepted": (ACCEPT, ACCEPT, ACCEPT, REFUSE),
    "listed as blocked": (REFUSE, REFUSE, REFUSE, REFUSE),
    "listed as concurrent": (ACCEPT, ACCEPT, ACCEPT, REFUSE),
}

SWITCHES = tuple(product([True, False], repeat=2))
"""The order of the columns above."""


def row(online: bool, pre: bool, local: bool, unknown: bool) -> Circumstances:
    """A combination of the switches."""
    return Circumstances(
        is_online=online,
        local_pre_authorize=pre,
        local_authorize_offline=local,
        allow_offline_tx_for_unknown_id=unknown,
    )


@pytest.mark.parametrize("entry", KNOWN)
def test_online_an_accepted_card_may_start_at_once_and_every_other_is_asked_about(entry: str) -> None:
    with_key, without_key = ONLINE[entry]

    for local, unknown in SWITCHES:
        assert decide(KNOWN[entry], row(True, True, local, unknown)) is with_key
        assert decide(KNOWN[entry], row(True, False, local, unknown)) is without_key


@pytest.mark.parametrize("entry", KNOWN)
@pytest.mark.parametrize("pre", [True, False])
def test_offline_two_switches_and_what_is_known_decide(entry: str, pre: bool) -> None:
    for (local, unknown), expected in zip(SWITCHES, OFFLINE[entry], strict=True):
        assert decide(KNOWN[entry], row(False, pre, local, unknown)) is expected


def test_table_is_total() -> None:
    """Every status there is stands in it."""
    statuses = {known.status for known in KNOWN.values() if known is not None}

    assert statuses == set(AuthorizationStatus)
    assert ONLINE.keys() == OFFLINE.keys() == KNOWN.keys()
