"""Messages of which only vendors know the meaning, in both directions.

Covers DataTransfer (§4.3, §5.6). An application declares what it understands as `Station.vendor_messages`: a function
answers at once, or the application answers the notice `DataReceived` by the event `DataAnswered` in its own time. It
sends one of its own by the event `TransferRequested`; the notice `TransferEnded` tells the answer.

Where the specification is silent:
- Both ids compare without regard to letter case, as their type has it. A vendor without any declaration is
  UnknownVendorId; of a known one, a message that no declaration names, and none covers as a whole, is UnknownMessageId.
- Where a declaration has a JSON Schema, data that are missing, no JSON, or break it are Rejected; the answer's data say
  which rule is broken. References to other documents are never followed.
- An application that does not answer in time, or has 8 messages waiting already, makes the answer Rejected. A function
  that raises makes it a CALLERROR, InternalError.
- What the application wants to send is sent now or not at all: offline, while Pending, or with 16 others waiting it
  ends at once, without an answer; a lost connection or a time-out ends it as well. It is not sent again.
- The unlimited text of `data` has a limit where this station sends it: 131072 characters.
"""
