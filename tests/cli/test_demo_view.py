from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from attrs import evolve
from rich.console import Console

from ocpp16cp.cli.demo_view import MESSAGES_SHOWN, ConnectorState, LineView, LiveView
from ocpp16cp.io.link import Direction
from ocpp16cp.wire.types import ChargePointStatus

CHARGING = ConnectorState(
    connector_id=1,
    status=ChargePointStatus.CHARGING,
    power_w=22_044.8,
    energy_wh=12,
    soc_percent=49,
    limit_a=Decimal(32),
)
DARK = ConnectorState(connector_id=2, status=None, power_w=0.0, energy_wh=0, soc_percent=None, limit_a=None)


def console(*, height: int = 30) -> Console:
    return Console(file=StringIO(), width=80, height=height, force_terminal=True, color_system=None)


def printed(console: Console) -> list[str]:
    """All lines, also those that were drawn over, without what moves the cursor."""
    assert isinstance(console.file, StringIO)
    return re.sub(r"\x1b\[[?0-9;]*\w|\r", "", console.file.getvalue()).splitlines()


def last_picture(console: Console) -> list[str]:
    """What stands on the terminal in the end."""
    lines = printed(console)
    (*_, begin) = (number for number, line in enumerate(lines) if "charge point DEMO-01" in line)
    return lines[begin:]


def test_lines_tell_what_people_do_what_passes_and_how_connectors_are_doing() -> None:
    screen = console()

    with LineView(screen, lambda: 1.25) as view:
        view.tell("Anna plugs in [sic]")
        view.pass_message(Direction.SENT, f"-> Heartbeat {'x' * 200}")
        view.refresh([CHARGING, DARK])

    assert printed(screen) == [
        "  1.2 s ** Anna plugs in [sic]",
        f"  1.2 s -> Heartbeat {'x' * 200}",
        "  1.2 s    connector 1: Charging, 12 Wh so far",
    ]


def test_line_about_a_connector_comes_with_each_new_status() -> None:
    screen = console()

    with LineView(screen, lambda: 0.0) as view:
        view.refresh([CHARGING])
        view.refresh([evolve(CHARGING, energy_wh=13)])
        view.refresh([evolve(CHARGING, status=ChargePointStatus.FINISHING, energy_wh=14)])

    assert [line.partition("1: ")[2] for line in printed(screen)] == [
        "Charging, 12 Wh so far",
        "Finishing, 14 Wh so far",
    ]


def test_picture_shows_all_about_the_connectors() -> None:
    screen = console()

    with LiveView(screen, lambda: 0.0) as view:
        view.refresh([CHARGING, DARK])

    rows = [line.replace("│", " ").split() for line in last_picture(screen)]
    assert ["1", "Charging", "22.0", "kW", "12", "Wh", "####......", "49", "%", "32", "A"] in rows
    assert ["2", "dark", "0.0", "kW", "0", "Wh", "-", "-"] in rows


@pytest.mark.parametrize("status", ChargePointStatus)
def test_picture_knows_every_status(status: ChargePointStatus) -> None:
    screen = console()

    with LiveView(screen, lambda: 0.0) as view:
        view.refresh([evolve(CHARGING, status=status)])

    assert any(status.value in line for line in last_picture(screen))


@pytest.mark.parametrize(("height", "shown"), [(30, MESSAGES_SHOWN), (20, 8), (5, 3)])
def test_picture_shows_the_newest_messages_that_fit(height: int, shown: int) -> None:
    screen = console(height=height)
    clock: Callable[[], float] = iter(range(1000)).__next__

    view = LiveView(screen, clock)
    view.tell("Anna plugs in")
    for number in range(20):
        view.pass_message(Direction.RECEIVED, f"<- message {number} {'x' * 200}")
    with view:
        pass

    # What a low terminal cannot hold is printed in the end all the same.
    messages = [line.split()[4] for line in last_picture(screen) if "<- message" in line and "x" in line]
    assert messages == [str(number) for number in range(20 - shown, 20)]


def test_picture_is_left_whole_when_the_demonstration_fails() -> None:
    screen = console()
    view = LiveView(screen, lambda: 0.0)

    with pytest.raises(ZeroDivisionError), view:
        raise ZeroDivisionError

    assert last_picture(screen)[-1].startswith("╰")
