"""Text of OCPP-J frames to typed messages and back: no state, no I/O, no message class of its own.

- `types`: limits, enumerations and records that several messages or events share.
- `exchange`: an action with its two message classes.
- `strict_json`: JSON text to values, harmful text refused.
- `frames`: text to CALL, CALLRESULT, CALLERROR and back; what is due for any other text.
- `shapes`: what a message class says about its fields, read once.
- `codec`: payload to message and back; refusals name path, rule and CALLERROR code.
- `tolerance`: what may be forgiven in a received payload.
- `schemas`: the JSON Schema of a message class.
"""
