"""Messages that the central system asks the station to send.

Messages of TriggerMessage (§5.17) and ExtendedTriggerMessage (security whitepaper). Answering them is not part of this
version: both CALLs are answered with NotSupported.
"""
