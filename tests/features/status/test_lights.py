"""LightIntensity and BlinkRepeat reach the driver (§9.1.4, §9.1.11)."""

from __future__ import annotations

from ocpp16cp.features.configuration.messages import (
    ChangeConfiguration,
    ChangeConfigurationConf,
    ConfigurationStatus,
)
from ocpp16cp.outcome import SetLights
from ocpp16cp.testing import Playbook
from tests.features.stations import SINGLE, configured

REJECTED = ChangeConfigurationConf(status=ConfigurationStatus.REJECTED)


def change(play: Playbook, key: str, value: int) -> object:
    """Set a key over the air."""
    return play.send(ChangeConfiguration(key=key, value=str(value)))


def test_lights_are_said_once_after_a_start() -> None:
    with Playbook(SINGLE) as play:
        play.boot()

        play.expect(SetLights(0, 0))
        play.expect_no(SetLights)


def test_each_change_is_said() -> None:
    """A value that is set again is no change."""
    with Playbook(configured(SINGLE, LightIntensity=20, BlinkRepeat=1)) as play:
        play.boot()
        play.expect(SetLights(20, 1))

        change(play, "LightIntensity", 60)
        change(play, "BlinkRepeat", 4)
        change(play, "BlinkRepeat", 4)

        play.expect(SetLights(60, 1))
        play.expect(SetLights(60, 4))
        play.expect_no(SetLights)


def test_lights_are_said_again_after_a_power_cut() -> None:
    with Playbook(SINGLE) as play:
        play.boot()
        change(play, "LightIntensity", 70)
        play.skip()
        play.power_cut()

        play.expect(SetLights(70, 0))
        play.skip()


def test_brightness_has_its_bounds() -> None:
    with Playbook(SINGLE) as play:
        play.boot()

        for value in (-1, 101):
            assert change(play, "LightIntensity", value) == REJECTED
        assert play.hardware.lights == SetLights(0, 0)
