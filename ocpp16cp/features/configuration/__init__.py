"""The configuration keys as the central system sees them.

Covers GetConfiguration (§5.8) and ChangeConfiguration (§5.3). The keys themselves stand with their features;
`KEYS.md` in the folder above lists all of them, with what follows from each. An application adds its own by
`Station.vendor_keys`; keys of a feature profile that is switched off do not exist.

Where the specification is silent:
- Names are found in any letter case and reported in their canonical spelling, unknown ones as they were received.
- The full list comes by feature profile, Core first, then by name; keys of the application come last.
- A request for more names than `GetConfigurationMaxKeys` is answered whole.
- A write-only key is left out of the full list; asked for by name it is listed without a value.
- Setting a key to the value it has is Accepted and changes nothing. `SecurityProfile`, which only rises, refuses it.
- Spaces around a value or an item, letter case of words and duplicate items are forgiven; an empty item is not. What is
  reported is the plain form.
- Every standard key counts at once: RebootRequired is never answered.
- A stored value that its key takes no more, after an update or an exchange of parts, gives way to the default when the
  station starts, and the application is told by `KeyReset`.
"""
