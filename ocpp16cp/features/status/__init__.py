"""The status of each connector and of the station: derived from everything below, shown, reported.

Covers StatusNotification (§4.9) with the states of §7.7. A status is never set: it follows from faults, transactions,
plugs, cards and availability, and what is sent is the difference to what the central system was told. `handlers`
derives and reports; `matrix` says which status can follow which; `availability` answers ChangeAvailability (§5.2) by
status, as what is in use goes on until it has ended.

Where the specification is silent:
- After a BootNotification is accepted every status is reported, connector 0 first; after a mere reconnect only what
  differs from what the central system has confirmed. What happened in between is not replayed.
- Where one thing causes two transitions of the matrix, as a card at a cable left behind that starts a transaction, the
  status in between is told too, if statuses need not last to be told. Preparing to Unavailable is told as one.
- A status that still waits to be sent gives way to a newer one, unless that could not follow what was told before.
- A transaction that is to go on after a power cut is SuspendedEVSE until it does.
- The loss of contact with a vehicle (EVCommunicationError) is a warning, told with Preparing, SuspendedEV,
  SuspendedEVSE and Finishing only; a vehicle that wants energy gets none meanwhile: SuspendedEVSE.
- A change of the error code alone is reported at once, whatever `MinimumStatusDuration` says.
- A contradiction between the local list and the central system is a warning of connector 0, LocalListConflict with the
  card as its info; it ends when the list or the answer changes. Faults of the charge point come before it.
- A transaction that is about to end keeps its status until it has ended.
- Inoperative takes effect at the first instant without a transaction at which the connector is neither Preparing nor
  Finishing, after a start at once, and stays in effect whatever is plugged in. Until then an accepted card, or one
  being asked about, may begin; nobody else may.
- The charge point itself is Unavailable at once; each connector when its user has gone.
- Set Operative, a connector comes back only if the charge point is Operative as well.
- `LightIntensity` and `BlinkRepeat` are for the driver, said after each start and when they change; both are 0, as
  certified stations have them, until somebody sets them. What blinks when is the driver's choice.
- A station that no central system has ever accepted is Unavailable, unless its settings say otherwise.
"""
