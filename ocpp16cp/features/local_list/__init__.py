"""The list of cards that the central system sends to the station.

Messages and configuration keys of SendLocalList (§5.15) and GetLocalListVersion (§5.10). The list itself is not part of
this version: both CALLs are answered with NotSupported.
"""
