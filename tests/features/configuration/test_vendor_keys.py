"""Keys that an application adds, as the central system meets them."""

from __future__ import annotations

import pytest
from attrs import evolve

from ocpp16cp.errors import CallErrorCode
from ocpp16cp.features.configuration.messages import GetConfigurationConf, KeyValue
from ocpp16cp.outcome import KeyChanged, KeyReset
from ocpp16cp.testing import Playbook
from ocpp16cp.vendor_keys import Access, Choice, Integer, Text, VendorKey
from ocpp16cp.wire.frames import CallError
from tests.features.configuration.asking import ACCEPTED, REJECTED, change, listed, read, value
from tests.features.stations import STATION, configured


def why_not_quiet(text: str) -> str | None:
    """Quiet hours are written like `22-06`."""
    begin, _, end = text.partition("-")
    return None if text == "" or (begin.isdigit() and end.isdigit()) else "is no pair of hours"


COLOUR = VendorKey(name="LedColour", type=Choice(("Red", "Green")), default="Green")
QUIET = VendorKey(name="QuietHours", type=Text(20), default="", veto=why_not_quiet)
BOARD = VendorKey(name="BoardRevision", type=Integer(), default="7", access=Access.READ_ONLY)
PIN = VendorKey(name="ServicePin", type=Text(8), access=Access.WRITE_ONLY)
CHARGER = evolve(STATION, vendor_keys=(COLOUR, QUIET, BOARD, PIN))


def test_vendor_keys_are_listed_with_the_others() -> None:
    with Playbook(CHARGER) as play:
        play.boot()

        entries = listed(play)

        assert entries["LedColour"] == ("Green", False)
        assert entries["BoardRevision"] == ("7", True)
        assert "ServicePin" not in entries
        assert read(play, "servicepin") == GetConfigurationConf(
            configuration_key=(KeyValue(key="ServicePin", readonly=False),)
        )


def test_vendor_key_is_changed_and_kept_and_the_application_is_told() -> None:
    with Playbook(CHARGER) as play:
        play.boot()

        assert change(play, "ledcolour", "RED") == ACCEPTED
        play.power_cut()
        play.skip()

        assert value(play, "LedColour") == play.charge_point.key_text("LedColour") == "Red"
        assert [entry.item for entry in play.entries if isinstance(entry.item, KeyChanged)][-1] == KeyChanged(
            "LedColour", "Red"
        )


@pytest.mark.parametrize(
    ("name", "text"),
    [("LedColour", "Blue"), ("QuietHours", "at night"), ("QuietHours", "x" * 21), ("BoardRevision", "8")],
)
def test_what_type_veto_or_access_refuse_is_rejected(name: str, text: str) -> None:
    with Playbook(CHARGER) as play:
        play.boot()
        before = value(play, name)

        assert change(play, name, text) == REJECTED
        assert value(play, name) == before


def test_what_the_veto_lets_pass_is_accepted() -> None:
    with Playbook(CHARGER) as play:
        play.boot()

        assert change(play, "QuietHours", "22-06") == ACCEPTED
        assert value(play, "QuietHours") == "22-06"


def test_write_only_vendor_key_is_never_shown() -> None:
    with Playbook(CHARGER) as play:
        play.boot()

        assert change(play, "ServicePin", "1234") == ACCEPTED
        assert play.expect(KeyChanged) == KeyChanged("ServicePin", None)
        assert play.charge_point.key_text("ServicePin") is None


def test_factory_may_configure_a_vendor_key() -> None:
    with Playbook(configured(CHARGER, LedColour="red")) as play:
        play.boot()

        assert value(play, "LedColour") == "Red"


def test_stricter_veto_puts_a_stored_value_back_to_the_default() -> None:
    with Playbook(CHARGER) as play:
        play.boot()
        change(play, "QuietHours", "22-06")
        strict = evolve(QUIET, veto=lambda text: "is not offered any more" if text else None)
        play.station = evolve(CHARGER, vendor_keys=(strict,))
        play.power_cut()

        assert value(play, "QuietHours") == ""
        assert play.expect(KeyReset) == KeyReset("QuietHours", "is not offered any more")
        play.skip()


def test_veto_that_fails_changes_nothing() -> None:
    """The application's mistake is answered as an internal error, and the charger goes on."""
    broken = evolve(QUIET, veto=lambda text: None if text == "" else str(1 // 0))
    with Playbook(evolve(CHARGER, vendor_keys=(broken,))) as play:
        play.boot()

        answer = play.answer_to(play.post("ChangeConfiguration", {"key": "QuietHours", "value": "22-06"}))

        assert isinstance(answer, CallError)
        assert answer.code is CallErrorCode.INTERNAL_ERROR
        assert value(play, "QuietHours") == ""
