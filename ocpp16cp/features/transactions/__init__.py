"""Transactions from the card or the remote request to the last meter reading.

Covers StartTransaction (§4.8), StopTransaction (§4.10), RemoteStartTransaction (§5.11), RemoteStopTransaction (§5.12),
UnlockConnector (§5.18) and the flows of §3.2 to §3.6: plug first, card first, remote, stop by the same card or one of
its group, EV-side disconnect, power loss. `cards` decides what a presented card or a remote start means, `handlers` how
transactions begin and run, `stopping` how they end, `resuming` how they go on after a power cut,
`unlocking` what UnlockConnector does, `waiting` what an application may show.

Where the specification is silent:
- A card means, in this order: the end of the transaction it began; the withdrawal of an earlier presentation that still
  waits for a cable; an authorization for a connector that is plugged; for the lowest one that is free. No connector to
  use and none of its group to stop: refused without asking the central system.
- Cards are dealt with one after the other, at most `MAX_CARDS` of them wait. One that is presented again before it is
  decided does not count twice.
- A transaction ends when the output is reported off, so that its last reading counts; a driver that does not report it
  within `Settings.output_off_timeout_s` is not waited for.
- What a connector may offer while it delivers is asked of `smart_charging`, which also keeps the charging profile that
  a remote start brings along; until it starts, the profile waits with it.
- A StopTransaction that the station causes by itself names the card that started, except after a power cut or restart.
- What a restart interrupted is stopped with the reason of the restart, at the time stored last, with the register as
  the meter shows it now (it cannot have moved, as the output is off).
- With `Settings.resumes_transactions` a power cut does not end a transaction whose vehicle is still there: it goes on
  under its id, and two samples tell of the interruption. Until its plug is locked and its meter read again it is
  SuspendedEVSE, and can be stopped like any other.
- After a StartTransaction that is not accepted, `MaxEnergyOnInvalidId` counts from the answer.
- UnlockConnector waits for the output to be off, but is answered within `Settings.lock_timeout_s`. Where there is no
  lock it stops nothing.
- An emergency stop is a fault whose vendor error code is `EMERGENCY_STOP`: it ends transactions, other faults only
  suspend them unless `Settings.stops_on_fault` is set.
"""
