"""Registration with the central system, and the heartbeat that keeps it.

Covers BootNotification (§4.2) and Heartbeat (§4.6).

Where the specification is silent:
- Once per run the station introduces itself until it is Accepted; a mere reconnect does not repeat that. No answer, a
  CALLERROR or a malformed answer counts as a refusal with a wait of `Settings.call_retry_wait_s`, without end.
- While Pending only what the central system asks for is sent; while Rejected its CALLs get no answer at all, not even
  those that were being worked on.
- If a BootNotification that was asked for after an acceptance is answered Pending or Rejected, the station falls
  silent: transactions run on, what has to arrive waits, and a card that the central system was about to be asked for is
  decided as offline.
- Once accepted, it sends the statuses of 0 to N, then the transaction messages that have waited.
- The interval of an accepting answer becomes the value of `HeartbeatInterval`; 0 and below leave the key as it is.
- Heartbeats are strictly periodic, whatever else is sent: central systems rely on the spacing. `HeartbeatInterval` 0
  leaves one a day, for the clock.
- Every `currentTime` sets the clock, in either direction; `ClockChanged` tells of a second or more. At least once a
  day there is a Heartbeat for it, however long the interval.
- What counts seconds (heartbeats, samples, time-outs, retries) does not move with the clock; what has a date (the end
  of a reservation, of a card in the cache, a charging schedule) does.
- A station without a clock of its own goes on from the newest time that it has stored, the first time from 1970. Once
  the time is told, all that it has stamped until then is put right, messages that wait included. A clock that is set
  once more moves no stamp: a transaction's next one does not lie before the last.
"""
