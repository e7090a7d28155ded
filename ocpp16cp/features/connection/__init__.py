"""The connection to the central system: when to open it, whether it still lives, when to try again.

Covers the OCPP-J specification §3 (connecting, subprotocol `ocpp1.6`) and §5.3 (pings).

Where the specification is silent:
- Back-off follows the three keys that later versions define: the wait doubles with each failure up to
  `RetryBackOffRepeatTimes` doublings, and a fresh random part is added to every wait, so that a thousand stations do
  not come back at the same instant. The count of failures starts anew after a connection that stood longer than the
  first wait, so a central system that accepts and hangs up is not hammered.
- Where the station has several endpoints (`Station.endpoints`), one that cannot be connected to, or that hangs up
  before the first wait is over, is followed at once by the next; the wait comes when all have failed, and the next
  round begins with the first, the preferred one. A connection that stood long and breaks is tried again the same way.
- Another endpoint is left for the first one after `Settings.preferred_endpoint_wait_s`, counted from when the first
  failed: at a moment at which no CALL and no answer is on its way in either direction, nor any transaction message
  could leave. That costs a short outage, so each vain return makes the next one rarer.
- All endpoints are ways to one central system, the one that `Station.central_system_url` names: changing over is a
  reconnect, not a boot, and whether the station was ever accepted belongs to that URL, not to the way.
- A ping has to be answered, or anything else to be heard, within `WebSocketPingInterval` and at most
  `Settings.pong_timeout_s`; otherwise the connection is half-open and is given up at once.
- Where pings are switched off, a CALL without an answer, and nothing else heard since it was sent, ends the connection:
  nothing else would tell that nobody is there.
- Whatever the code of a close: the station is offline and comes back by itself.
"""
