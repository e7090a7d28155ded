"""The list of cards that the central system sends to the station.

Covers SendLocalList (§5.15), GetLocalListVersion (§5.10) and the local authorization list (§3.5.2): each entry is a
record of its own, so that an update writes what it changes and a lookup costs the same however long the list is. An
update is one batch: after a power cut the list is the old one or the new one. What an entry means for a card is decided
by `authorization`, to which the list comes before the cache.

Where the specification is silent:
- A list without entries has the version 0, however it became empty; so a differential update of it begins at 1.
- A full update may have any version from 1, also a lower one or the same; without entries 0 is taken too.
- A differential update without entries changes the version alone; deleting a card that is not in the list is no error.
- What is checked first is answered: switched off; a version below 1 (Failed); a differential update that is not newer
  (VersionMismatch); too many entries for one message, a card named twice in whatever letter case, a full update with an
  entry that says nothing, a list that would become too long (all Failed, and nothing has changed).
- While `LocalAuthListEnabled` is false the station behaves as if it had no list: SendLocalList is NotSupported, the
  version -1, no card is looked up. The entries stay, and count again when it is true. The same is answered where the
  feature profile is switched off.
- An entry whose expiry date has passed counts as Expired, and stays in the list.
"""
