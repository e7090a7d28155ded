"""Messages of which only vendors know the meaning.

The message of DataTransfer (§4.3, §5.6). Handing it on is not part of this version: the CALL is answered with
NotSupported.
"""
