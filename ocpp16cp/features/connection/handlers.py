"""Opens the connection, watches it, and tries again when it is gone."""

from __future__ import annotations

from attrs import evolve

from ocpp16cp.events import LinkDown, LinkUp, PongReceived, StopRequested
from ocpp16cp.kernel import calls, serving
from ocpp16cp.kernel.calls import HEARD, LINK, Heard
from ocpp16cp.kernel.step import Step
from ocpp16cp.outcome import Close, EndpointChanged, LinkEstablished, LinkLost, Open, Ping

from .keys import RETRY_BACK_OFF_WAIT_MINIMUM, WEBSOCKET_PING_INTERVAL
from .questions import SHORTEST_WAIT_S, SUBPROTOCOLS, back_off_s, connection_url, is_anything_on_its_way
from .state import CONNECTING, Connecting, Phase

NORMAL = 1000
"""Close code: the charge point has its reasons (RFC 6455 §7.4.1)."""

GOING_AWAY = 1001
"""Close code: the charge point shuts down, or gives up a connection that does not answer (RFC 6455 §7.4.1)."""

RETURNING = "the preferred endpoint is tried again"
"""Said to the central system and to the application."""

MAX_DOUBLINGS = 5
"""Of the wait before the first endpoint is tried again: a way that never works costs a few seconds in eight hours."""


def open_connection(step: Step) -> None:
    """Connect when there is no connection and the wait is over (a rule)."""
    connecting = step.one(CONNECTING)
    if connecting.phase is not Phase.DOWN or connecting.is_ending or not step.station.ways:
        return
    if connecting.retry_at is not None and not step.due(connecting.retry_at):
        return
    number = step.one(LINK).number + 1
    step.set(LINK, evolve(step.one(LINK), number=number))
    step.set(CONNECTING, evolve(connecting, phase=Phase.OPENING, up_at=None))
    way = step.station.ways[connecting.endpoint]
    url = connection_url(way.url, step.station.identity)
    step.transport(Open(number, url, SUBPROTOCOLS, local_address=way.local_address, interface=way.interface))


def link_up(step: Step, event: LinkUp) -> None:
    """The connection stands."""
    connecting = step.one(CONNECTING)
    if event.number != step.one(LINK).number or connecting.phase is not Phase.OPENING:
        return
    calls.link_up(step)
    step.set(CONNECTING, evolve(connecting, phase=Phase.UP, up_at=step.now, pinged_at=step.now, awaits_pong=False))
    way = step.station.ways[connecting.endpoint]
    step.notice(LinkEstablished(way.url, way.network))


def link_down(step: Step, event: LinkDown) -> None:
    """The connection has ended, or never came about: wait, then try again, perhaps by another way."""
    connecting = step.one(CONNECTING)
    if event.number != step.one(LINK).number or connecting.phase is Phase.DOWN:
        return
    if connecting.phase is Phase.UP:
        _go_offline(step)
    following, wait_s = _next_attempt(step, connecting)
    step.set(
        CONNECTING,
        evolve(following, phase=Phase.DOWN, retry_at=step.now + wait_s, awaits_pong=False, is_returning=False),
    )
    if connecting.is_ending:
        return
    step.notice(LinkLost(event.reason, wait_s))
    if following.endpoint != connecting.endpoint:
        way = step.station.ways[following.endpoint]
        reason = RETURNING if connecting.is_returning else event.reason
        step.notice(EndpointChanged(following.endpoint, way.url, way.network, reason))


def _next_attempt(step: Step, connecting: Connecting) -> tuple[Connecting, float]:
    """Which endpoint to try next, and in how many seconds."""
    if connecting.is_returning:
        return evolve(connecting, endpoint=0, tried=0, failures=0), SHORTEST_WAIT_S
    stood_long = connecting.up_at is not None and step.now - connecting.up_at >= step.key(RETRY_BACK_OFF_WAIT_MINIMUM)
    if stood_long:
        # What was good is tried first, unless it was only the second choice for long enough.
        is_preferred_due = connecting.preferred_at is not None and step.now >= connecting.preferred_at
        endpoint = 0 if is_preferred_due else connecting.endpoint
        vain_returns = connecting.vain_returns if connecting.endpoint else 0
        connecting = evolve(connecting, endpoint=endpoint, tried=0, vain_returns=vain_returns, failures=1)
        return connecting, back_off_s(step, 0)
    if connecting.endpoint == 0:
        connecting = evolve(connecting, preferred_at=_preferred_at(step, connecting))
    tried = connecting.tried + 1
    if tried < len(step.station.ways):
        endpoint = (connecting.endpoint + 1) % len(step.station.ways)
        return evolve(connecting, endpoint=endpoint, tried=tried), SHORTEST_WAIT_S
    failures = connecting.failures
    return evolve(connecting, endpoint=0, tried=0, failures=failures + 1), back_off_s(step, failures)


def _preferred_at(step: Step, connecting: Connecting) -> float | None:
    """When to try the first endpoint again, which has just failed; each vain return makes the next one rarer."""
    wait_s = step.station.settings.preferred_endpoint_wait_s
    return step.now + (wait_s << min(connecting.vain_returns, MAX_DOUBLINGS)) if wait_s > 0 else None


def return_to_preferred(step: Step) -> None:
    """Leave another endpoint for the first one when it is time, and nothing is on its way (a rule)."""
    connecting = step.one(CONNECTING)
    if connecting.phase is not Phase.UP or connecting.endpoint == 0 or connecting.preferred_at is None:
        return
    if step.due(connecting.preferred_at) and not is_anything_on_its_way(step):
        returning = evolve(connecting, is_returning=True, vain_returns=connecting.vain_returns + 1)
        _close(step, returning, RETURNING, code=NORMAL)


def stop_requested(step: Step, event: StopRequested) -> None:
    """The application wants the run to end: take leave in an orderly way."""
    leave(step, "the charge point shuts down")


def leave(step: Step, reason: str) -> None:
    """Close the connection, after all that was said before, and make no other."""
    connecting = evolve(step.one(CONNECTING), is_ending=True)
    step.set(CONNECTING, connecting)
    if connecting.phase in (Phase.UP, Phase.OPENING):
        _close(step, connecting, reason)


def come_back(step: Step) -> None:
    """The run goes on after all: connect again, at once."""
    step.set(CONNECTING, evolve(step.one(CONNECTING), is_ending=False, retry_at=None))


def pong_received(step: Step, event: PongReceived) -> None:
    """A sign of life."""
    if event.number == step.one(LINK).number:
        step.set(HEARD, Heard(step.now))


def send_ping(step: Step) -> None:
    """Ping every WebSocketPingInterval, unless an answer is still due (a rule)."""
    connecting = step.one(CONNECTING)
    if connecting.phase is not Phase.UP or connecting.awaits_pong:
        return
    interval_s = step.key(WEBSOCKET_PING_INTERVAL)
    if interval_s > 0 and step.due(connecting.pinged_at + interval_s):
        step.set(CONNECTING, evolve(connecting, pinged_at=step.now, awaits_pong=True))
        step.transport(Ping(step.one(LINK).number))


def expect_pong(step: Step) -> None:
    """Take anything heard since the ping for its answer; give the connection up when nothing comes (a rule)."""
    connecting = step.one(CONNECTING)
    if connecting.phase is not Phase.UP or not connecting.awaits_pong:
        return
    heard_at = step.one(HEARD).at
    if heard_at is not None and heard_at >= connecting.pinged_at:
        step.set(CONNECTING, evolve(connecting, awaits_pong=False))
        return
    timeout_s = step.station.settings.pong_timeout_s
    interval_s = step.key(WEBSOCKET_PING_INTERVAL)
    if step.due(connecting.pinged_at + min(interval_s or timeout_s, timeout_s)):
        _close(step, connecting, "no answer to a ping")


def leave_suspect(step: Step) -> None:
    """Without pings, give up a connection on which a CALL went unanswered and nothing else was heard (a rule).

    Nothing else tells a half-open connection from a slow central system then, and transaction messages would be given
    up on a line that has been dead for long.
    """
    connecting = step.one(CONNECTING)
    if connecting.phase is Phase.UP and step.one(LINK).is_suspect and step.key(WEBSOCKET_PING_INTERVAL) == 0:
        _close(step, connecting, "no answer to a CALL, and nothing else was heard")


def _close(step: Step, connecting: Connecting, reason: str, *, code: int = GOING_AWAY) -> None:
    """End the connection from our side; the station is offline from now on."""
    if connecting.phase is Phase.UP:
        _go_offline(step)
    step.set(CONNECTING, evolve(connecting, phase=Phase.CLOSING, awaits_pong=False))
    step.transport(Close(step.one(LINK).number, code, reason))


def _go_offline(step: Step) -> None:
    """Nothing can be sent or answered on this connection any more."""
    serving.forget_unanswered(step)
    calls.link_down(step)
