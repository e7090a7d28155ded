"""Whether a card may charge.

Covers Authorize (§4.1) with a central system that can be reached. What is known locally (cache, list, offline rules) is
not part of this version: without a connection, or without a usable answer, nothing is authorized.

A feature above asks with `authorize` and finds the verdict in the table `AUTHORIZATIONS`; it takes it out with `take`.
"""
