from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from io import StringIO

import anyio
import pytest
import trustme
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, evolve, field

from ocpp16cp.cli.central_system import CentralSystem, Session
from ocpp16cp.cli.simulation import Screen, Simulation, SimulationFailed
from ocpp16cp.errors import UsageError
from ocpp16cp.features.reset.messages import RESET, Reset, ResetConf, ResetStatus, ResetType
from ocpp16cp.io.link import Direction
from ocpp16cp.io.memory import MemoryTransport
from ocpp16cp.io.serving import Accept, Decide, Refuse, UpgradeRequest
from ocpp16cp.io.station_file import default_station
from ocpp16cp.io.transport import Connection, ConnectRequest, Transport
from ocpp16cp.io.websocket_client import WebSocketTransport
from ocpp16cp.io.websocket_server import listen
from ocpp16cp.station import Connector
from ocpp16cp.store.memory import MemoryStore
from ocpp16cp.wire.types import Reason

pytestmark = pytest.mark.anyio

LIMIT_S = 20
"""Far above what anything here takes."""

STATION = evolve(
    default_station("CP7"),
    connectors=(Connector(), Connector(fixed_cable=False)),
)


class Transcript(StringIO):
    """All that was printed; one can wait for what is to come."""

    def __init__(self) -> None:
        super().__init__()
        self._written = anyio.Event()
        self._seen = 0

    def write(self, text: str, /) -> int:
        self._written.set()
        self._written = anyio.Event()
        return super().write(text)

    async def wait_for(self, text: str) -> str:
        """Wait for a text behind what was waited for before; what stands in between is returned."""
        with anyio.fail_after(LIMIT_S):
            while (found := self.getvalue().find(text, self._seen)) < 0:
                await self._written.wait()
        passed = self.getvalue()[self._seen : found]
        self._seen = found + len(text)
        return passed


@define(eq=False)
class Bench:
    """A simulation, and what it is made of."""

    transport: Transport = field(factory=MemoryTransport)
    url: str = "ws://central/ocpp"
    retry_s: int = 1
    """How soon the station comes back when the connection is lost."""
    is_script: bool = True
    store: MemoryStore = field(factory=MemoryStore)
    screen: Transcript = field(factory=Transcript)
    frames: list[tuple[Direction, str]] = field(factory=list)
    keyboard: MemoryObjectSendStream[str] = field(init=False)
    _lines: MemoryObjectReceiveStream[str] = field(init=False)

    _ended: anyio.Event = field(factory=anyio.Event)
    _failure: UsageError | None = None

    def __attrs_post_init__(self) -> None:
        self.keyboard, self._lines = anyio.create_memory_object_stream[str](100)

    async def run(self) -> None:
        """Run the simulation to its end."""
        try:
            await self._run()
        except* UsageError as group:
            (self._failure,) = group.exceptions  # type: ignore[assignment]  # a group says not what is in it
        finally:
            self._ended.set()

    async def end(self) -> UsageError | None:
        """Wait for the end; what is wrong in it is returned."""
        with anyio.fail_after(LIMIT_S):
            await self._ended.wait()
        return self._failure

    async def quit(self) -> UsageError | None:
        """Type `quit` and wait for the end."""
        await self.keyboard.send("quit")
        return await self.end()

    async def _run(self) -> None:
        with self._lines, self.keyboard:
            retry = (("RetryBackOffWaitMinimum", str(self.retry_s)), ("RetryBackOffRandomRange", "0"))
            simulation = Simulation(
                station=evolve(STATION, central_system_url=self.url, configuration=retry),
                store=self.store,
                transport=self.transport,
                screen=Screen(out=self.screen, clock=lambda: datetime(2024, 1, 1, 12, 30)),  # noqa: DTZ001 - local time
                is_script=self.is_script,
                on_frame=lambda direction, text: self.frames.append((direction, text)),
            )
            await simulation.run(self._lines)

    async def type(self, line: str, answer: str = "ok\n") -> str:
        """Type a line and wait for its answer; what was printed before it is returned."""
        await self.keyboard.send(line)
        return await self.screen.wait_for(answer)


class ResettingCentralSystem(CentralSystem):
    """Can have the station start anew."""

    async def reset(self) -> ResetConf:
        """Ask for it."""
        return await self._call(RESET, Reset(type=ResetType.HARD))


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[ResettingCentralSystem]:
    """A simulation under way, with a central system."""
    central_system = ResettingCentralSystem()
    assert isinstance(bench.transport, MemoryTransport)
    async with bench.transport.listen(central_system.look_after), anyio.create_task_group() as tasks:
        tasks.start_soon(bench.run)
        await bench.type("wait online")
        with anyio.fail_after(LIMIT_S):
            yield central_system
        tasks.cancel_scope.cancel()


async def test_whole_session_is_played_line_by_line() -> None:
    bench = Bench()

    async with running(bench) as central_system:
        await bench.type("plug 1 miniature")
        await bench.type("card ABC")
        await bench.type("wait 1 Charging")
        await bench.type("stop 1")
        await bench.type("wait 1 Finishing")
        await bench.type("unplug 1")
        await bench.type("wait 1 Available")
        await central_system.wait_until(lambda heard: heard.sessions[1].energy_wh is not None)
        assert await bench.quit() is None

    assert central_system.sessions[1].id_tag == "ABC"
    text = bench.screen.getvalue()
    assert text.startswith("12:30:00 CP7 (Example Twin 22) with 2 connectors; `help` lists what can be typed\n")
    assert "12:30:00 connector 1: transaction of ABC begins at " in text
    assert {direction for direction, _ in bench.frames} == set(Direction)


async def test_status_tells_how_everything_is_doing() -> None:
    bench = Bench()

    async with running(bench):
        await bench.type("fault 1 WeakSignal warning")
        await bench.type("plug 2 sedan")
        await bench.type("resume 2")
        await bench.type("card T")
        await bench.type("wait 2 Charging")
        await bench.type("suspend 2")
        await bench.type("wait 2 SuspendedEV")
        await bench.type("status", "station: online\nlights: 0 %\n")
        first = await bench.screen.wait_for("\n")
        second = await bench.screen.wait_for("\n")
        assert await bench.quit() is None

    assert first.startswith("connector 1: Available, no car, 0 W, meter ")
    assert first.endswith(" Wh, limit 32 A, WeakSignal")
    assert second.startswith("connector 2: SuspendedEV, sedan at 10 %, 0 W, meter ")
    assert second.endswith(" Wh, limit 32 A, plug locked")


async def test_power_cut_ends_the_run_and_the_next_one_begins_on_the_same_store() -> None:
    """§4.10: what the cut interrupted is stopped with the reason PowerLoss."""
    bench = Bench()

    async with running(bench) as central_system:
        await bench.type("plug 1")
        await bench.type("card ABC")
        await bench.type("wait 1 Charging")
        await central_system.wait_until(lambda heard: 1 in heard.sessions)
        await bench.type("power off")
        await bench.type("power off", "error: the power is off already\n")
        await bench.type("status", "station: no power\nconnector 1: dark, compact at 30 %")
        await bench.type("power on")
        await bench.type("power on", "error: the power is on already\n")
        await bench.type("wait online")
        # The one before the cut may have got its answer or not: then it comes twice.
        await central_system.wait_until(lambda heard: _last(heard).energy_wh is not None)
        failure = await bench.quit()

    assert _last(central_system).reason is Reason.POWER_LOSS
    assert str(failure) == "lines that could not be carried out: 2"


def _last(central_system: CentralSystem) -> Session:
    return central_system.sessions[max(central_system.sessions)]


async def test_reset_ends_the_run_and_the_next_one_begins() -> None:
    """§5.14: what runs is ended first; a station that does not restart goes on."""
    bench = Bench()

    async with running(bench) as central_system:
        await bench.type("plug 1")
        await bench.type("card ABC")
        await bench.type("wait 1 Charging")
        assert (await central_system.reset()).status is ResetStatus.ACCEPTED
        await bench.screen.wait_for("the station starts anew: HardReset\n")
        await bench.type("wait online")
        await bench.type("wait 1 Finishing")
        await bench.type("reboot stuck")
        assert await bench.quit() is None

    assert central_system.sessions[1].reason is Reason.HARD_RESET


async def test_station_without_power_can_be_ended() -> None:
    bench = Bench()

    async with running(bench):
        await bench.type("power off")
        assert await bench.quit() is None


async def test_network_is_cut_and_mended() -> None:
    bench = Bench()

    async with running(bench):
        await bench.type("network off")
        await bench.screen.wait_for("offline: the network is down (next attempt in 1 s)\n")
        await bench.type("status", "station: the network is down")
        await bench.type("network on")
        await bench.type("wait online")
        await bench.type("status", "station: online\n")
        assert await bench.quit() is None


async def test_faults_are_mended_one_by_one_or_all() -> None:
    bench = Bench(is_script=False)

    async with running(bench):
        await bench.type("fault 1 GroundFailure")
        await bench.type("fault 1 HighTemperature")
        await bench.type("fault 0 WeakSignal warning")
        await bench.type("wait 1 Faulted")
        await bench.type("clear 1 GroundFailure")
        await bench.type("clear 1 GroundFailure", "error: connector 1: no fault GroundFailure is active\n")
        await bench.type("clear 1")
        await bench.type("wait 1 Available")
        await bench.type("clear 1", "error: connector 1: no fault of any kind is active\n")
        assert await bench.quit() is None


async def test_what_cannot_be_done_is_answered_with_the_reason() -> None:
    """On a terminal that is all: the user sees it."""
    bench = Bench(is_script=False)

    async with running(bench):
        await bench.type("plugg", "error: 'plugg' is unknown, did you mean 'plug'?; `help` lists what there is\n")
        await bench.type("unplug 1", "error: connector 1: no car is plugged in\n")
        await bench.type("plug 9", "error: there is no connector 9\n")
        await bench.type("wait 9 Available", "error: there is no connector 9\n")
        await bench.type("wait 1 Charging 0", "error: connector 1 is not Charging after 0 s, but Available\n")
        await bench.type("wait 0 Available 5")
        await bench.type("wait 0")
        await bench.type("help", "plug N [compact|")
        await bench.type("power off")
        await bench.type("wait 1 Available 0", "error: connector 1 is not Available after 0 s, but dark\n")
        await bench.type("wait online 0", "error: not online after 0 s: no power\n")
        await bench.keyboard.send("# nothing")
        assert await bench.quit() is None


async def test_station_goes_on_when_a_script_ends_without_quit() -> None:
    bench = Bench()

    async with running(bench) as central_system:
        await bench.type("plug 1")
        await bench.keyboard.send("card ABC")
        await bench.keyboard.aclose()
        await central_system.wait_until(lambda heard: 1 in heard.sessions)


async def test_end_of_input_ends_the_station_on_a_terminal() -> None:
    bench = Bench(is_script=False)

    async with running(bench):
        await bench.keyboard.aclose()
        assert await bench.end() is None


async def test_end_without_a_connection_is_a_failure_that_says_why() -> None:
    bench = Bench()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bench.run)
        await bench.screen.wait_for("offline: connection refused")
        failure = await bench.quit()

    assert isinstance(failure, SimulationFailed)
    assert str(failure).startswith("the central system was never reached: connection refused; check ")


async def test_end_before_anything_has_begun_is_an_end_as_well() -> None:
    bench = Bench()
    await bench.keyboard.send("quit")

    await bench.run()

    assert str(await bench.end()).startswith("the central system was never reached: ")


class SilentTransport:
    """Connects to nobody, and takes its time."""

    async def connect(self, request: ConnectRequest) -> Connection:
        await anyio.sleep_forever()
        raise AssertionError(request)


async def test_end_does_not_wait_for_a_connection_that_is_being_opened() -> None:
    bench = Bench(transport=SilentTransport())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bench.run)
        await bench.type("wait 0.05")
        before = anyio.current_time()
        await bench.quit()

    assert anyio.current_time() - before < 2


async def test_url_that_can_never_work_ends_the_simulation() -> None:
    bench = Bench(transport=WebSocketTransport(), url="ws://cen tral/")

    await bench.run()

    assert str(await bench.end()).startswith("the URL cannot be used: it contains a space or a control character; use ")


async def refuse_401(_request: UpgradeRequest) -> Refuse:
    return Refuse(401)


async def refuse_404(_request: UpgradeRequest) -> Refuse:
    return Refuse(404)


async def choose_nothing(_request: UpgradeRequest) -> Accept:
    return Accept(None)


@pytest.mark.parametrize(
    ("decide", "said"),
    [
        (refuse_401, "the server answered with HTTP 401 Unauthorized; check identity and password"),
        (refuse_404, "the server answered with HTTP 404 Not Found; check the path in the URL, and that the central"),
        (choose_nothing, "the server chose no subprotocol, offered were: ocpp1.6; check that the URL is that of an"),
    ],
)
async def test_refusal_of_the_central_system_is_told_and_the_station_tries_again(decide: Decide, said: str) -> None:
    async with listen(CentralSystem().look_after, decide) as listener:
        await _expect_retry(listener.url, said)


async def test_certificate_that_is_not_trusted_is_told_and_the_station_tries_again() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async with listen(CentralSystem().look_after, tls_context=context) as listener:
        await _expect_retry(listener.url, "the server's certificate is not accepted: unable to get local issuer")


async def _expect_retry(url: str, reason: str) -> None:
    """The reason is told twice, as the station tries again, and at the end."""
    bench = Bench(transport=WebSocketTransport(), url=url, retry_s=0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bench.run)
        for _ in range(2):
            await bench.screen.wait_for(f"offline: cannot connect to {url}/CP7: {reason}")
            await bench.screen.wait_for(" (next attempt in ")
        failure = await bench.quit()
    assert str(failure).startswith(f"the central system was never reached: cannot connect to {url}/CP7: {reason}")
