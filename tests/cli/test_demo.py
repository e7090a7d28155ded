from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from io import StringIO

import anyio
import pytest
from rich.console import Console

from ocpp16cp.cli.central_system import CentralSystem, Session
from ocpp16cp.cli.demo import Demo, DemoFailed
from ocpp16cp.cli.demo_view import LineView
from ocpp16cp.cli.hardware import WatchedDriver
from ocpp16cp.driver.simulated import SimulatedStation
from ocpp16cp.io.station_file import default_station
from ocpp16cp.wire.types import Reason
from tests.cli.programs import ROOT, environment

COMMAND = [sys.executable, "-m", "ocpp16cp", "demo"]


def test_demonstration_shows_two_whole_sessions() -> None:
    """Into a pipe: line by line. What is billed is what was metered, or the exit code would be another."""
    done = subprocess.run(COMMAND, env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    for action in ("BootNotification", "Authorize", "RemoteStartTransaction", "RemoteStopTransaction", "Heartbeat"):
        assert f"{action}" in done.stdout
    for connector_id in (1, 2):
        statuses = re.findall(rf"^ +[0-9.]+ s    connector {connector_id}: (\w+), ", done.stdout, re.MULTILINE)
        # A busy machine shows the connectors before the station is registered, too.
        assert [status for status in statuses if status not in ("Unavailable", "SuspendedEV")] == [
            *("Available", "Preparing", "Charging", "Finishing", "Available"),
        ]
    billed = re.findall(r"^. (\d) +. ([\w-]+) +. (\w+) +. (\d+) Wh +. (\d+) Wh", done.stdout, re.MULTILINE)
    assert [row[:3] for row in billed] == [("1", "CARD-ANNA", "Local"), ("2", "APP-BRUNO", "Remote")]
    assert all(0 < int(row[3]) == int(row[4]) for row in billed)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal of this kind")
def test_demonstration_is_drawn_on_a_terminal_and_can_be_interrupted() -> None:
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        COMMAND, env={**environment(), "TERM": "xterm"}, cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    try:
        shown = _read_until(screen, "BootNotification")
        process.send_signal(2)
        code = process.wait(timeout=30)
    finally:
        process.kill()
        process.wait()
        os.close(screen)

    assert "charge point DEMO-01" in shown
    assert "\x1b[" in shown
    assert code == 130


def _read_until(descriptor: int, text: str) -> str:
    """Read from a terminal until something is shown; the time limit of the test is that of the waiting."""
    shown = b""
    while text.encode() not in shown:
        shown += os.read(descriptor, 4096)
    return shown.decode()


@pytest.mark.anyio
async def test_energy_that_differs_is_a_failure() -> None:
    station = default_station()
    driver = WatchedDriver(SimulatedStation(station, now=anyio.current_time(), registers_wh={1: 1000, 2: 2000}))
    console = Console(file=StringIO(), width=100)
    central_system = CentralSystem()
    for connector_id in station.connector_ids:
        central_system.sessions[connector_id] = Session(
            transaction_id=connector_id,
            connector_id=connector_id,
            id_tag="T",
            meter_start_wh=0,
            meter_stop_wh=10,
            reason=None if connector_id == 1 else Reason.LOCAL,
        )
    demo = Demo(station, driver, central_system, LineView(console, lambda: 0.0), {1: 990, 2: 1995})

    with pytest.raises(DemoFailed, match=r"^the energies differ: connector 2: billed 10 Wh, metered 5 Wh$"):
        demo.report(console)
