"""What happened to the station's security.

The message of SecurityEventNotification (security whitepaper). Recording events is not part of this version.
"""
