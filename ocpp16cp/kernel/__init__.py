"""What any device of this kind needs, whatever its protocol's actions are called.

`tables` holds the state, `step` is what a handler or a rule works with, `feature` declares a folder of the protocol as
data, `engine` turns events into outcomes. `calls` and `outbox` are the two lanes of messages to the central system,
`asks` the questions to the hardware, `clock` the time, `keys` the configuration, `records` the text form of the state.
"""
