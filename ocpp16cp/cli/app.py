"""The commands, as the command line has them; what a command does is in a module of its own, loaded with it."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO
from urllib.parse import quote

import anyio
import typer
from attrs import evolve
from typer.core import TyperGroup
from typer.main import get_command

from ocpp16cp import __version__
from ocpp16cp.errors import UsageError
from ocpp16cp.station import Station
from ocpp16cp.store.interface import Store

from .failures import explained

if TYPE_CHECKING:
    from ocpp16cp.io.file_work import FileStorage


class _Commands(TyperGroup):
    """The commands; `compose` and `trace` are loaded when asked for: what they stand on would delay the others."""

    # `Any`, as contexts and commands are classes of click in some versions of typer, and typer's own in others.

    def list_commands(self, ctx: Any) -> list[str]:
        return ["trace", *super().list_commands(ctx), "compose"]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in {"compose", "trace"}:
            return super().get_command(ctx, cmd_name)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command()(getattr(import_module(f"{__package__}.{cmd_name}"), cmd_name))
        return get_command(alone)


app = typer.Typer(
    cls=_Commands,
    help="The charge point's side of OCPP 1.6J.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Backend(StrEnum):
    """What event loop to run on."""

    ASYNCIO = "asyncio"
    TRIO = "trio"


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 - typer calls it like this
    if is_wanted:
        typer.echo(f"ocpp16cp {__version__}")
        raise typer.Exit


@app.callback()
def begin(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """The charge point's side of OCPP 1.6J."""


@app.command()
def demo(*, debug: Debug = False) -> None:
    """Show whole charging sessions: a simulated station of two connectors and a central system, in one process.

    Takes about 12 seconds. Drawn in place on a terminal, told line by line into a file or a pipe. The exit code is 0 if
    the central system would bill what the meters have counted.
    """
    from rich.console import Console

    from .demo import run_demo

    with explained(debug=debug):
        anyio.run(run_demo, Console())


@app.command()
def simulate(
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="URL",
            help="The central system, ws:// or wss://, without the identity, which is appended. "
            "Default: link.url of the station file.",
        ),
    ] = None,
    *,
    identity: Annotated[
        str | None,
        typer.Option("--id", metavar="NAME", help="The station's identity. Default: that of the station file."),
    ] = None,
    station: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the station is, in TOML. Default: two fixed cables of 22 kW."),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where the station keeps its state, firmware and diagnostics. Default: nowhere; there are none.",
        ),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every message down, in the open OCPP trace format."),
    ] = None,
    backend: Annotated[Backend, typer.Option(help="The event loop.")] = Backend.ASYNCIO,
    debug: Debug = False,
) -> None:
    """Run a simulated station against a central system, with its front panel on the terminal.

    A line typed is something done at the station: plug 1, card TAG, unplug 1; `help` lists them all. The station tries
    again for ever when the central system cannot be reached, as real ones do.

    `quit`, Ctrl-C and, on a terminal, Ctrl-D shut it down in an orderly way; a second Ctrl-C does not wait. When the
    lines come through a pipe or from a file, their end ends nothing: end a script with `quit`, and use `wait`.

    The exit code is 0; 1 if the central system was never reached, or if a line of a script could not be carried out;
    130 after a second Ctrl-C.
    """
    with explained(debug=debug), ExitStack() as stack:
        _check_backend(backend)
        described = _describe(url, identity, station)
        store = _open_store(state, described.identity)
        stack.callback(store.close)
        out = None if trace is None else stack.enter_context(_open_trace(trace))
        files = None if state is None else _place_files(state, described.identity)
        anyio.run(_simulate, described, store, files, out, backend=backend.value)


def _check_backend(backend: Backend) -> None:
    """Make sure that the event loop is installed."""
    if find_spec(backend.value) is None:
        raise UsageError(f"--backend {backend} needs trio; install it with: pip install 'ocpp16cp[trio]'")


def _describe(url: str | None, identity: str | None, file: Path | None) -> Station:
    """The station that the command line asks for."""
    from ocpp16cp.io.station_file import check_url, default_station, load_station

    if file is not None:
        described = load_station(file, identity=identity, central_system_url=url)
    elif identity is None:
        raise UsageError("whose identity? name the station with --id, or describe it with --station")
    else:
        described = evolve(default_station(identity), central_system_url=url or "")
    if not described.central_system_url:
        raise UsageError("where is the central system? give its URL, or set link.url in the station file")
    check_url(described.central_system_url, described.identity)
    return described


def _place_files(state: Path, identity: str) -> FileStorage:
    """Where the station keeps firmware and diagnostics."""
    from ocpp16cp.io.file_work import FileStorage

    return FileStorage(state / f"{quote(identity, safe=' ')}.files")


def _open_store(state: Path | None, identity: str) -> Store:
    """Where the station keeps its state; a directory holds those of any number of stations."""
    from ocpp16cp.store.memory import MemoryStore
    from ocpp16cp.store.sqlite import SqliteStore

    if state is None:
        return MemoryStore()
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(_cannot_be_written("--state", state, error, "a directory")) from error
    return SqliteStore(state / f"{quote(identity, safe=' ')}.sqlite")


def _open_trace(trace: Path) -> TextIO:
    """A new file for the trace, in the place of an older one."""
    try:
        return trace.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(_cannot_be_written("--trace", trace, error, "a file")) from error


def _cannot_be_written(option: str, path: Path, error: OSError, what: str) -> str:
    reason = (error.strerror or str(error)).lower()
    return f"{option}: '{path}' cannot be written: {reason}; name {what} that this user may write"


async def _simulate(station: Station, store: Store, files: FileStorage | None, trace: TextIO | None) -> None:
    """Run the simulation on the terminal, or on whatever stands in for it."""
    from ocpp16cp.io.trace import TraceWriter
    from ocpp16cp.io.websocket_client import WebSocketTransport

    from .console import is_terminal, lines_of, standard_input
    from .simulation import Screen, Simulation

    simulation = Simulation(
        station=station,
        store=store,
        transport=WebSocketTransport(),
        screen=Screen(out=sys.stdout),
        is_script=not is_terminal(),
        files=files,
        on_frame=None if trace is None else TraceWriter(trace, station.identity),
    )
    async with lines_of(standard_input()) as lines:
        await simulation.run(lines)
