"""Configuration keys of transactions."""

from __future__ import annotations

from ocpp16cp.kernel.keys import boolean, integer, key
from ocpp16cp.kernel.values import Values
from ocpp16cp.station import Station
from ocpp16cp.vendor_keys import Access


def _unlock_access(station: Station) -> Access:
    """Where all cables are fixed there is nothing to unlock, and the key says so (errata 3.83)."""
    return Access.READ_ONLY if _all_fixed(station) else Access.READ_WRITE


def _all_fixed(station: Station) -> bool:
    """Whether no connector has a detachable cable."""
    return all(connector.fixed_cable for connector in station.connectors)


def _can_be_unlocked(value: object, values: Values) -> str | None:
    """A fixed cable is never unlocked, whatever was configured when there was a socket."""
    return "all cables are fixed" if value and _all_fixed(values.station) else None


AUTHORIZE_REMOTE_TX_REQUESTS = key("AuthorizeRemoteTxRequests", boolean(), default=True)
"""Whether a remote start is authorized like a card (§9.1.3)."""
CONNECTION_TIME_OUT = key("ConnectionTimeOut", integer(), 60)
"""Seconds from the beginning of Preparing until the attempt is dropped; 0: never (§9.1.6)."""
MAX_ENERGY_ON_INVALID_ID = key("MaxEnergyOnInvalidId", integer(), 0)
"""Wh that are still delivered after a StartTransaction that is not accepted; 0: none (§9.1.14)."""
STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT = key("StopTransactionOnEVSideDisconnect", boolean(), default=True)
"""Whether unplugging at the vehicle ends the transaction, or only suspends it (§9.1.23)."""
STOP_TRANSACTION_ON_INVALID_ID = key("StopTransactionOnInvalidId", boolean(), default=True)
"""Whether a StartTransaction that is not accepted ends the transaction, or only its energy (§9.1.24)."""
UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT = key(
    "UnlockConnectorOnEVSideDisconnect",
    boolean(),
    lambda station: not _all_fixed(station),
    access=_unlock_access,
    checks=(_can_be_unlocked,),
)
"""Whether the station's side is unlocked when unplugging at the vehicle ended the transaction (§9.1.33)."""

KEYS = (
    AUTHORIZE_REMOTE_TX_REQUESTS,
    CONNECTION_TIME_OUT,
    MAX_ENERGY_ON_INVALID_ID,
    STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT,
    STOP_TRANSACTION_ON_INVALID_ID,
    UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT,
)
