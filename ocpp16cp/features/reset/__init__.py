"""Restarts that the central system asks for.

Message and configuration key of Reset (§5.14). Restarting is not part of this version: the CALL is answered with
NotSupported.
"""
