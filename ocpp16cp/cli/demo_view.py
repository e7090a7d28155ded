"""How the demonstration looks: drawn in place on a terminal, told line by line anywhere else."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Final, Protocol, Self

from attrs import define, field, frozen
from rich.console import Console, Group, JustifyMethod
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ocpp16cp.io.link import Direction
from ocpp16cp.wire.types import ChargePointStatus

MESSAGES_SHOWN: Final = 14
"""The newest lines below the table; fewer on a terminal that is not high enough."""

_OTHER_LINES: Final = 12
"""What title, table and frames take of a terminal of two connectors."""

_STYLES: Final = {
    ChargePointStatus.AVAILABLE: "green",
    ChargePointStatus.PREPARING: "yellow",
    ChargePointStatus.CHARGING: "bold blue",
    ChargePointStatus.SUSPENDED_EV: "cyan",
    ChargePointStatus.SUSPENDED_EVSE: "cyan",
    ChargePointStatus.FINISHING: "magenta",
    ChargePointStatus.FAULTED: "bold red",
}


_COLUMNS: Final[dict[str, tuple[int, JustifyMethod]]] = {
    "connector": (9, "left"),
    "status": (13, "left"),
    "power": (8, "right"),
    "energy": (8, "right"),
    "car's battery": (16, "right"),
    "limit": (6, "right"),
}
"""Widths that never change, so that nothing moves when a value gets longer; 80 columns are enough for all."""


@frozen(kw_only=True)
class ConnectorState:
    """What the demonstration shows of a connector."""

    connector_id: int
    status: ChargePointStatus | None
    """`None`: the lights are dark."""
    power_w: float
    energy_wh: int
    """Since the demonstration began."""
    soc_percent: int | None
    """`None`: no car is plugged in."""
    limit_a: Decimal | None
    """What the core allows; `None`: it has not said so far."""


class View(Protocol):
    """Shows the demonstration while its context is open."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the terminal as it is to be."""
        ...

    @abstractmethod
    def tell(self, text: str) -> None:
        """Say what people do."""
        ...

    @abstractmethod
    def pass_message(self, direction: Direction, text: str) -> None:
        """Show a message that passes, in one line."""
        ...

    @abstractmethod
    def refresh(self, states: Sequence[ConnectorState]) -> None:
        """Show how the connectors are doing."""
        ...


@define(eq=False)
class LineView(View):
    """One line for each thing that happens, with the seconds since the beginning."""

    _console: Console
    _elapsed_s: Callable[[], float]
    _statuses: dict[int, ChargePointStatus | None] = field(factory=dict, init=False)

    def __enter__(self) -> Self:
        """Nothing has to be prepared."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing has to be put back."""

    def tell(self, text: str) -> None:
        """Say what people do."""
        self._print(f"** {text}")

    def pass_message(self, direction: Direction, text: str) -> None:
        """Show a message, in one line."""
        self._print(text)

    def refresh(self, states: Sequence[ConnectorState]) -> None:
        """Tell which connectors have another status now."""
        for state in states:
            if state.status is not None and self._statuses.get(state.connector_id) is not state.status:
                self._statuses[state.connector_id] = state.status
                self._print(f"   connector {state.connector_id}: {state.status}, {state.energy_wh} Wh so far")

    def _print(self, text: str) -> None:
        """Print a line as it is, however long."""
        self._console.print(f"{self._elapsed_s():5.1f} s {text}", markup=False, highlight=False, soft_wrap=True)


@define(eq=False)
class LiveView(View):
    """A table of the connectors, and the newest messages below it."""

    _console: Console
    _elapsed_s: Callable[[], float]
    _lines: deque[Text] = field(factory=lambda: deque(maxlen=MESSAGES_SHOWN), init=False)
    _states: Sequence[ConnectorState] = field(default=(), init=False)
    _live: Live = field(init=False)

    @_live.default
    def _make_live(self) -> Live:
        return Live(console=self._console, auto_refresh=False)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the last picture where it is."""
        self._live.update(self._picture(), refresh=True)
        self._live.stop()

    def tell(self, text: str) -> None:
        """Say what people do."""
        self._add(text, "bold")

    def pass_message(self, direction: Direction, text: str) -> None:
        """Show a message, in one line."""
        self._add(text, "cyan" if direction is Direction.SENT else "green")

    def refresh(self, states: Sequence[ConnectorState]) -> None:
        """Draw the present state."""
        self._states = states
        self._live.update(self._picture(), refresh=True)

    def _add(self, text: str, style: str) -> None:
        """Put a line below the others."""
        line = Text(f"{self._elapsed_s():5.1f}  ", style="dim", no_wrap=True, overflow="ellipsis")
        self._lines.append(line.append(text, style=f"not dim {style}"))

    def _picture(self) -> Group:
        """Everything that is to be seen."""
        height = max(3, min(MESSAGES_SHOWN, self._console.height - _OTHER_LINES))
        lines = list(self._lines)[-height:]
        lines += [Text()] * (height - len(lines))
        messages = Panel(
            Group(*lines),
            title="messages:  -> to the central system   <- from it",
            title_align="left",
            border_style="dim",
        )
        return Group(_table(self._states), messages)


def _table(states: Iterable[ConnectorState]) -> Table:
    """The connectors, one a line."""
    table = Table(title="charge point DEMO-01", title_justify="left", title_style="bold")
    for name, (width, justify) in _COLUMNS.items():
        table.add_column(name, justify=justify, width=width)
    for state in states:
        status = "dark" if state.status is None else state.status.value
        table.add_row(
            str(state.connector_id),
            Text(status, style=_STYLES.get(state.status, "") if state.status else "dim"),
            f"{state.power_w / 1000:.1f} kW",
            f"{state.energy_wh} Wh",
            "-" if state.soc_percent is None else f"{_bar(state.soc_percent)} {state.soc_percent} %",
            "-" if state.limit_a is None else f"{state.limit_a} A",
        )
    return table


def _bar(percent: int) -> str:
    """A tenth of the battery each."""
    full = percent // 10
    return "#" * full + "." * (10 - full)
