"""Whether a card may charge: what the central system says, or what is known of it here.

Covers Authorize (§4.1), ClearCache (§5.4), the authorization cache (§3.5.1), the use of the local authorization list
(§3.5.2) and offline authorization (§3.5.3, §3.5.4).

A feature above asks with `authorize` and finds the verdict in the table `AUTHORIZATIONS`; it takes it out with `take`.
What every other message tells about a card enters the cache by `remember`.

Where the specification is silent:
- A question without a usable answer is decided as if the station were offline; so is one that cannot even be sent
  within `MessageTimeout`.
- Offline with `LocalAuthorizeOffline` false and `AllowOfflineTxForUnknownId` true, a card that is known as valid may
  start like an unknown one.
- An Authorize that is answered with Accepted counts now, even if the expiry date that comes with it has passed.
- The cache survives power cuts. Switched off it is neither read nor written, but kept. When it is full, entries that
  are not valid leave first, then the one heard of longest ago.
- The list comes before the cache, whatever either says. A card that stands in it is not cached: an update that brings
  the card takes it out of the cache, an answer about it leaves no trace there. ConcurrentTx in the list means that the
  card may charge.
- Online, a card that the list does not accept is asked about: the central system decides.
- An answer that lets a card charge which the list does not, or the other way round, leaves the list as it is. The
  newest such contradiction is shown by the status of the charge point until an answer agrees or an update names the
  card.
- ClearCache empties the cache, also while it is switched off.
"""
