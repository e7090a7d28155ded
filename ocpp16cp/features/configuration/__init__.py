"""The configuration keys as the central system sees them.

Covers GetConfiguration (§5.8) and ChangeConfiguration (§5.3). The keys themselves stand with the features they belong
to.

Where the specification is silent:
- Names are found in any letter case and reported in their canonical spelling, unknown ones as they were received.
- A request for more names than `GetConfigurationMaxKeys` is answered whole.
- A write-only key is left out of the full list; asked for by name it is listed without a value.
- Setting a key to the value it has is Accepted and changes nothing.
"""
