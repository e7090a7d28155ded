"""What the hardware of a station has to offer. A vendor writes one class and tries it with `check_driver`.

`examples/minimal_driver.py` is the shortest one for a real board.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from ocpp16cp.events import (
    CardPresented,
    FailureReason,
    FaultCleared,
    FaultRaised,
    MeterRead,
    OutputChanged,
    PowerFailing,
    SocketChanged,
    Started,
    StopPressed,
    VehicleChanged,
)
from ocpp16cp.outcome import Restart
from ocpp16cp.wire.types import ChargePointStatus

DriverEvent = (
    SocketChanged
    | VehicleChanged
    | OutputChanged
    | CardPresented
    | StopPressed
    | PowerFailing
    | FaultRaised
    | FaultCleared
    | MeterRead
)
"""What a driver reports. The answer to an ask is not among it: that is how the method returns."""


ProgressHook = Callable[[int], None]
"""Takes how far an ask has come, in percent."""


class HardwareFailure(Exception):
    """An ask could not be carried out; nothing worse has happened."""

    def __init__(self, reason: FailureReason = FailureReason.FAILED, text: str = "") -> None:
        super().__init__(f"{reason}: {text}" if text else str(reason))
        self.reason = reason
        self.text = text
        """One line for people: what was tried, and what came of it."""

    def __reduce__(self) -> tuple[type[HardwareFailure], tuple[FailureReason, str]]:
        """Rebuild from the arguments: `Exception` alone would pass the joined text."""
        return type(self), (self.reason, self.text)


class Driver(Protocol):
    """The hardware of one station, as the core sees it.

    A run calls `start` once, then reads `events` until it ends, and meanwhile calls the rest. All of it happens in one
    event loop: what blocks belongs into a worker thread. An object may serve one run after the other, never two at a
    time.

    *Levels* (`set_output`, `set_limit`, `show_status`, `set_lights`) say what is to be, not what to change: the same
    may be said again, and each is said once after every start. They come one at a time, in order, and the next one
    waits until they return, so a tenth of a second is much. They do not fail: what a board cannot do, it reports as a
    fault (`FaultRaised`). An exception ends the run.

    *Asks* (`lock`, `unlock`, `reboot`, `install_firmware`, `collect_diagnostics`) are done when they return. They run
    beside everything else, but those of one connector one at a time, in order; each is cancelled when its time is up.
    They fail by `HardwareFailure`; any other exception ends the run.

    Inherit from this class: then an ask that is not written answers `NOT_SUPPORTED`, and so will those that later
    versions add; only `reboot` has more to it.

    Safety never waits for the core: faults, a vehicle that leaves, a vehicle that pauses open the contactor at once and
    are reported afterwards.
    """

    @abstractmethod
    async def start(self) -> Started:
        """Get the hardware ready and tell why the software starts; outputs are off until they are allowed.

        Returns:
            The cause, and the time of the board's clock if it has one that survives a power cut.

        Raises:
            HardwareFailure: the board does not answer; the run ends before it began.
        """
        ...

    @abstractmethod
    def events(self) -> AsyncGenerator[DriverEvent, None]:
        """Report what is, then what changes; an `async def` with `yield`, without an end of its own.

        First everything once: active faults, then for each connector its socket, vehicle, output and meter. Then each
        change as it comes, causes before effects (the vehicle pauses, the output is off), and with each vehicle that is
        plugged in what it wants. A state may be reported again without harm. A meter is read about once a second while
        its output is on, and always before the output is reported off: that reading is what the energy is billed by. It
        tells everything that `Station.measurands` names. A register never runs backwards, whatever happens. The main
        meter, where there is one, is read about once a minute.

        The run ends by closing this generator, wherever it is: a `finally` in it, without an `await`, is the place to
        open the outputs, as from then on nobody counts the energy.

        Raises:
            HardwareFailure: the board is lost; the run ends.
        """
        ...

    @abstractmethod
    async def set_output(self, connector_id: int, *, is_on: bool) -> None:
        """Allow energy, or do not. A level.

        Allowed, the contactor follows the vehicle as long as the limit leaves it enough: it closes when the vehicle
        asks, and opens when it pauses. Not allowed, it opens now. `OutputChanged` reports what the contactor does.
        """
        ...

    @abstractmethod
    async def set_limit(self, connector_id: int, limit_a: Decimal, *, phases: int) -> None:
        """Offer at most so many amperes per phase, on DC in total. A level; before the first, the connector's maximum.

        Below the 6 A that a control pilot can tell a vehicle (IEC 61851-1), and at 0 on DC, nothing is offered.

        `phases` is over how many of the connector's phases: all of them, unless ConnectorSwitch3to1PhaseSupported is
        true, then also 1. How to change that under load (let the vehicle pause, switch, wait) is the board's matter.
        """
        ...

    async def show_status(self, connector_id: int, status: ChargePointStatus) -> None:
        """Show a connector's status by light or display, or not at all. A level; connector 0 is the whole station."""
        return

    async def set_lights(self, intensity_percent: int, blink_repeat: int) -> None:
        """Make the lights so bright (0 to 100), and let them blink so often to signal something, or not. A level.

        These are the configuration keys LightIntensity and BlinkRepeat, which are 0 until somebody sets them, as by
        `Station.configuration`. What has no lights does nothing.
        """
        return

    async def lock(self, connector_id: int) -> None:
        """Hold the plug in the station's socket. An ask; done when the bolt is known to hold.

        Raises:
            HardwareFailure: `NOT_SUPPORTED` without a lock, as on a fixed cable; `FAILED` if the plug is not held.
        """
        raise HardwareFailure(FailureReason.NOT_SUPPORTED, "no lock")

    async def unlock(self, connector_id: int) -> None:
        """Let go of the plug. An ask; done at once if nothing is locked. Only ever called with the output not allowed.

        Raises:
            HardwareFailure: `NOT_SUPPORTED` without a lock, as on a fixed cable; `FAILED` if the plug is still held.
        """
        raise HardwareFailure(FailureReason.NOT_SUPPORTED, "no lock")

    async def reboot(self, restart: Restart) -> None:
        """Start anew, after the connection was closed. An ask, within `Settings.reboot_timeout_s`.

        There are two ways. The board restarts, and this process does not survive it: then wait for that in here, as a
        run that began meanwhile would be cut off. Or this returns, the run ends, and the application begins another
        one, as `StationRunner.run` does by itself. In both the next `start` tells the cause:
        `StartCause(restart.value)`. A board that cannot remember it says `POWER_UP`, and the core finds it out.

        As it stands here nothing happens but the second way, for a hard reset too.

        Raises:
            HardwareFailure: it cannot restart now; it is asked again, as often as the key ResetRetries says.
        """
        return

    async def install_firmware(self, image: Path, *, on_progress: ProgressHook) -> None:
        """Check firmware and put it in place, so that the next reboot starts it. An ask.

        May reboot by itself: then the next start says so by its cause, `FIRMWARE` or `FIRMWARE_FALLBACK`. Cancelled, or
        cut off from power, the old firmware has to be there still, and the same may be asked again.

        Args:
            image: a file, as it was fetched; it stays there until other firmware is fetched.
            on_progress: to be called with percent, as often as is convenient.

        Raises:
            HardwareFailure: `FAILED` if the image is not good, or cannot be put in place; the old firmware runs on.
        """
        raise HardwareFailure(FailureReason.NOT_SUPPORTED, "this driver installs no firmware")

    async def collect_diagnostics(
        self, folder: Path, *, since: datetime | None, until: datetime | None, on_progress: ProgressHook
    ) -> None:
        """Write files about the hardware, to be uploaded. An ask; messages are added without the driver's help.

        Args:
            folder: an empty directory for the files; folders in it are kept.
            since: what is older is not wanted; `None`: as old as it may be.
            until: what is newer is not wanted.
            on_progress: to be called with percent, as often as is convenient.

        Raises:
            HardwareFailure: `FAILED` if they cannot be had.
        """
        return
