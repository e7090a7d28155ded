"""Connectors that are kept for a card.

Messages and configuration keys of ReserveNow (§5.13) and CancelReservation (§5.1). Reserving is not part of this
version: both CALLs are answered with NotSupported.
"""
