"""What the hardware of each connector reports: plugs, vehicles, contactors, faults; and what it was told last.

Only facts: what follows from them for the protocol is the status, which is derived elsewhere.

Where the specification is silent:
- Of several faults the one raised last is reported, blocking ones before warnings; when it clears, the last of the
  rest.
- A blocking fault of the charge point itself (connector 0) blocks every connector.
- A lock that does not hold counts as a blocking fault until the plug is taken out or the driver clears it.
"""
