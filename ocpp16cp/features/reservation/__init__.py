"""Connectors that are kept for a card.

Covers ReserveNow (§5.13) and CancelReservation (§5.1). `transactions` asks here whether a card may have a connector,
and says when a reservation is used up; what a reserved connector shows is the matter of `status`.

A reservation of connector 0 binds no connector. As long as more of them are free than such reservations need, anyone
may use any; then the free ones are kept and show Reserved. A connector that is plugged in while it is kept stays so.

Where the specification is silent:
- ReserveNow is answered by the first that applies: Rejected (no reservations, or none of connector 0; no such
  connector; a restart is on its way), Faulted, Unavailable, Occupied (in use, plugged in, reserved), Rejected (the
  expiry date has passed).
  Connector 0: Faulted or Unavailable if the station itself is; Accepted if there are more free connectors than
  reservations of connector 0; else Occupied if any is in use or reserved, Faulted if any is faulted, or Unavailable.
- A known reservationId replaces that reservation, whose place counts as free: neither its card that waits there nor a
  cable that was plugged in while it was reserved is in the way. If the new one cannot be had, the old one stays.
- A reservation ends when a transaction of its card, or one of its group, begins at its connector, at any connector if
  it is one of connector 0; when it expires; when it is cancelled; when its connector is faulted or out of service. One
  of connector 0 ends when the station is, or when no connector is left that is neither.
- Where the group decides, it is known from the list or the cache, else the central system is asked; offline, a card of
  which no group is known does not get the connector.
- Reservations survive power cuts and restarts. Expiry follows the clock, wherever it is set.
- An attempt of the reserved card that has begun goes on when the reservation expires or is cancelled, without its id;
  it is dropped when the reservation is given to another card.
- Without the feature profile both CALLs are answered with Rejected.
"""
