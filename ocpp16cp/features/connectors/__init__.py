"""What is known of each connector: what its hardware reports, what it was told last, whether it is to be used.

Only facts: what follows from them for the protocol is the status, which is derived elsewhere. There ChangeAvailability
(§5.2) is answered too, as the answer depends on what is going on; its message and its flags are here.

Where the specification is silent:
- Of several faults the one raised last is reported, blocking ones before warnings; when it clears, the last of the
  rest.
- Some faults never block, whatever a driver says: see the handlers' `WARNINGS`. An emergency stop always does.
- A blocking fault of the charge point itself (connector 0) blocks every connector.
- The charge point and each connector have a flag of their own; a connector is inoperative if either says so. The flags,
  also scheduled ones, survive everything; that they are in effect is found out anew after a start.
- The driver is told first what falls and then what rises. A limit without energy says nothing: when energy is switched
  off, the limit stays what it was.
- A lock that does not hold counts as a blocking fault until the plug is taken out or the driver clears it.
"""
