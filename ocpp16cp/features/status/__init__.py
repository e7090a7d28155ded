"""The status of each connector and of the station: derived from everything below, shown, reported.

Covers StatusNotification (§4.9) with the states of §7.7. A status is never set: it follows from faults, transactions,
plugs and cards, and what is sent is the difference to what the central system was told.

Where the specification is silent:
- After a BootNotification is accepted every status is reported, connector 0 first; after a mere reconnect only what
  differs from what the central system has confirmed. What happened in between is not replayed.
- A change of the error code alone is reported at once, whatever `MinimumStatusDuration` says.
- A transaction that is about to end keeps its status until it has ended.
- A station that no central system has ever accepted is Unavailable, unless its settings say otherwise.
"""
