"""Dialogues with a charge point: what happens, what must come of it, on a virtual clock.

    with Playbook(Station(identity="CP1", vendor="V", model="M", central_system_url="ws://cs/ocpp")) as play:
        play.boot()

        play.plug_in(1)
        play.expect_status(1, ChargePointStatus.PREPARING)

        play.present_card("TAG")
        play.expect(Authorize(id_tag="TAG"))
        play.expect(StartTransaction, connector_id=1, id_tag="TAG", meter_start=1000)
        play.expect_status(1, ChargePointStatus.CHARGING)

        play.advance(30)
        play.expect(MeterValues, connector_id=1, transaction_id=1)

Around the charge point stand a `ScriptedCentralSystem`, which answers everything at once unless told otherwise, and
`ScriptedHardware`, which does at once what it is told. Time moves only in `advance`, `restore_link` and `power_cut`.

Expectations meet what the charge point said in order. Its requests have to be met one after the other, none left out;
a dialogue that ends with one that nobody expected has failed. Commands, notices and link actions are met each kind for
itself, and may be left unmet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import NoReturn, Self, TypeVar, overload

import attrs

from ocpp16cp.events import CardPresented, LinkDown, MeterRead, SocketChanged, SocketState, TextReceived
from ocpp16cp.features.authorization.messages import Authorize
from ocpp16cp.features.boot.messages import BootNotification
from ocpp16cp.features.status.messages import StatusNotification
from ocpp16cp.features.transactions.messages import StartTransaction
from ocpp16cp.station import CHARGE_POINT, Station
from ocpp16cp.wire.frames import CallError
from ocpp16cp.wire.types import ChargePointErrorCode, ChargePointStatus

from .central_system import EXCHANGES, ScriptedCentralSystem
from .stage import Entry, Network, Stage
from .transcript import differences, render, render_entries, render_expected

T = TypeVar("T")
Said = TypeVar("Said", bound=attrs.AttrsInstance)

_REQUESTS = frozenset(exchange.request for exchange in EXCHANGES.values())


class Playbook(Stage):
    """A dialogue with one charge point; see the module for how it reads.

    Use it as a context manager: leaving it checks that nothing was said that nobody expected.

    Args:
        station: what the charge point is.
        central_system: who answers; one that accepts everything, if absent.
        seed: of the charge point's dice.
        has_clock: the station's clock survives power cuts.

    Raises:
        AssertionError: from every method, when what came is not what was expected, or when the charge point breaks a
            rule of its own: it forgets to do something, or keeps something that is not on disk. The message ends with
            the transcript.
    """

    def __init__(
        self,
        station: Station,
        *,
        central_system: ScriptedCentralSystem | None = None,
        seed: int = 0,
        has_clock: bool = False,
    ) -> None:
        super().__init__(station, central_system=central_system, seed=seed, has_clock=has_clock)
        self._ignored: tuple[type, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            try:
                self.expect_nothing()
            except AssertionError as unmet:
                unmet.add_note(self._story())
                raise
        else:
            error.add_note(self._story())

    def _story(self) -> str:
        """What a failure is told with."""
        return f"the dialogue so far:\n{self.transcript}"

    @property
    def transcript(self) -> str:
        """All that happened and was said so far, one line each."""
        return render_entries(self.entries)

    # What comes out.

    @overload
    def expect(self, what: type[T], **facts: object) -> T: ...

    @overload
    def expect(self, what: Said) -> Said: ...

    def expect(self, what: object, **facts: object) -> object:
        """Meet the next request, or the next command, notice or link action of a class.

        Args:
            what: exactly what must have been said; or its class, of which the facts must hold.
            facts: fields and their values.

        Returns:
            What was said, with all its fields.
        """
        if not isinstance(what, type):
            kind, facts = type(what), attrs.asdict(what, recurse=False)  # type: ignore[arg-type]  # any record
        else:
            kind = what
        assert attrs.has(kind), f"{kind.__name__} is nothing that a charge point says"
        unknown = facts.keys() - {field.name for field in attrs.fields(kind)}
        assert not unknown, f"{kind.__name__} has no field {min(unknown)!r}"
        expected = render_expected(kind, facts)
        entry = next(self._open(kind), None)
        if entry is None:
            self._fail(f"expected {expected}, nothing came")
        if type(entry.item) is not kind:
            self._fail(f"expected {expected}\n    came {render(entry.item)}")
        if wrong := differences(entry.item, facts):
            self._fail("\n  ".join([f"expected {expected}\n    came {render(entry.item)}", *wrong]))
        entry.is_open = False
        return entry.item

    def expect_status(
        self,
        connector_id: int,
        status: ChargePointStatus,
        error_code: ChargePointErrorCode = ChargePointErrorCode.NO_ERROR,
        **facts: object,
    ) -> StatusNotification:
        """Meet a StatusNotification."""
        return self.expect(StatusNotification, connector_id=connector_id, status=status, error_code=error_code, **facts)

    def expect_nothing(self) -> None:
        """Make sure that no request waits to be met."""
        if unmet := [render(entry.item) for entry in self._open(StatusNotification)]:
            self._fail("nobody expected\n  " + "\n  ".join(unmet))

    def expect_no(self, kind: type) -> None:
        """Make sure that no command, notice or link action of a class waits to be met."""
        if unmet := [render(entry.item) for entry in self._open(kind) if type(entry.item) is kind]:
            self._fail("nobody expected\n  " + "\n  ".join(unmet))

    def skip(self) -> None:
        """Take everything that was said so far as met."""
        for entry in self.entries:
            entry.is_open = False

    def ignore(self, *requests: type) -> None:
        """Leave out all requests of these classes, also those that wait: they need not be met, nor can be."""
        self._ignored = (*self._ignored, *requests)

    def _open(self, kind: type) -> Iterator[Entry]:
        """What waits to be met: all requests if `kind` is one, else what is of that class."""
        for entry in self.entries:
            if not entry.is_output or not entry.is_open or type(entry.item) in self._ignored:
                continue
            if type(entry.item) is kind or (kind in _REQUESTS and type(entry.item) in _REQUESTS):
                yield entry

    def _fail(self, why: str) -> NoReturn:
        """End the dialogue."""
        raise AssertionError(f"at {self.now} s: {why}")

    # What the central system says.

    def post(self, request: object, payload: Mapping[str, object] | None = None) -> str:
        """Send a CALL: a message, or an action and its payload; returns the message id, for `answer_to`."""
        message_id, text = self.central_system.call(request, payload)
        self.receive(text)
        return message_id

    def answer_to(self, message_id: str) -> object:
        """The answer to a CALL so far: a confirmation, typed; a `CallError`; or `None`."""
        return self.central_system.answers.get(message_id)

    @overload
    def send(self, request: object) -> object: ...

    @overload
    def send(self, request: object, confirmation: type[T]) -> T: ...

    def send(self, request: object, confirmation: type[T] | None = None) -> object:
        """Send a CALL that is answered at once, not with a CALLERROR.

        Args:
            request: a message.
            confirmation: its class, for type checkers.

        Returns:
            The confirmation.
        """
        answer = self.answer_to(self.post(request))
        if answer is None or isinstance(answer, CallError):
            self._fail(f"{render(request)} was answered with {'nothing' if answer is None else render(answer)}")
        assert confirmation is None or isinstance(answer, confirmation)
        return answer

    def receive(self, text: str) -> None:
        """Let any text arrive on the present connection."""
        self.happens(TextReceived(self._link, text))

    # What happens to the network.

    def drop_link(self, reason: str = "connection lost") -> None:
        """Lose the network: the connection ends, and none comes about until `restore_link`."""
        self.network = Network.DOWN
        if self._link:
            self.happens(LinkDown(self._link, reason))

    def restore_link(self, *, within_s: float = 120.0) -> None:
        """Bring the network back, and let time pass until the charge point is connected again."""
        self.network = Network.UP
        end = self.now + within_s
        while not self._link:
            at = self._next_at()
            if at > end:
                self._fail(f"no connection within {within_s} s")
            self.advance(at - self.now)

    # What happens at the connectors.

    def plug_in(self, connector_id: int) -> None:
        """Connect a vehicle."""
        self.happens(SocketChanged(connector_id, SocketState.VEHICLE))

    def unplug(self, connector_id: int) -> None:
        """Leave the socket empty; on a fixed cable: take it out of the vehicle."""
        self.happens(SocketChanged(connector_id, SocketState.EMPTY))

    def unplug_vehicle(self, connector_id: int) -> None:
        """Take a detachable cable out of the vehicle, and leave it in the station's socket."""
        self.happens(SocketChanged(connector_id, SocketState.CABLE_ONLY))

    def present_card(self, id_tag: str, reader: int = 0) -> None:
        """Hold a card to a reader."""
        self.happens(CardPresented(id_tag, reader))

    def deliver(self, connector_id: int, energy_wh: int) -> None:
        """Let energy flow: the register moves on by so much at this instant, and is reported."""
        reading = self.hardware.readings[connector_id]
        reading = attrs.evolve(reading, register_wh=reading.register_wh + energy_wh)
        self.happens(MeterRead(connector_id, reading))

    # What most dialogues begin with.

    def boot(self) -> None:
        """Start, connect, be accepted, report every status: all met, whatever the statuses are."""
        self.start()
        self.expect(BootNotification)
        for connector_id in (CHARGE_POINT, *self.station.connector_ids):
            self.expect(StatusNotification, connector_id=connector_id)

    def begin_transaction(self, connector_id: int = 1, id_tag: str = "TAG", *, is_known: bool = False) -> int:
        """Plug in and present a card, up to Charging, all met.

        Args:
            connector_id: where.
            id_tag: the card.
            is_known: nobody is asked about the card, as enough is known of it here.

        Returns:
            The transaction's id.
        """
        self.plug_in(connector_id)
        self.expect_status(connector_id, ChargePointStatus.PREPARING)
        self.present_card(id_tag)
        if not is_known:
            self.expect(Authorize(id_tag=id_tag))
        self.expect(StartTransaction, connector_id=connector_id, id_tag=id_tag)
        self.expect_status(connector_id, ChargePointStatus.CHARGING)
        return self.central_system.transaction_id
