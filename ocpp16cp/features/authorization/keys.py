"""Configuration keys of authorization."""

from __future__ import annotations

from ocpp16cp.kernel.keys import boolean, key

ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID = key("AllowOfflineTxForUnknownId", boolean(), default=True)
"""Whether cards that nobody here knows may start while offline (§9.1.1)."""
AUTHORIZATION_CACHE_ENABLED = key("AuthorizationCacheEnabled", boolean(), default=True)
"""Whether the cache is read and written (§9.1.2)."""
LOCAL_AUTHORIZE_OFFLINE = key("LocalAuthorizeOffline", boolean(), default=True)
"""Whether cards that are known here may start while offline (§9.1.12)."""
LOCAL_PRE_AUTHORIZE = key("LocalPreAuthorize", boolean(), default=True)
"""Whether cards that are known here may start without asking the central system (§9.1.13)."""

KEYS = (
    ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID,
    AUTHORIZATION_CACHE_ENABLED,
    LOCAL_AUTHORIZE_OFFLINE,
    LOCAL_PRE_AUTHORIZE,
)
