"""What the meters show, and the samples of it that are sent during a transaction.

Covers MeterValues (§4.7) with the sampled values of §3.16: every `MeterValueSampleInterval` seconds from the start of
a transaction, the measurands of `MeterValuesSampledData`, queued with the transaction's messages. Clock-aligned values
and `transactionData` are not part of this version.

Where the specification is silent:
- An empty `MeterValuesSampledData` means Energy.Active.Import.Register.
- Context, measurand, unit and location are always sent, also where they are the defaults.
- A measurand that the meter cannot tell at the moment is left out; a sample of nothing is not sent.
- A register that runs backwards is held at the highest value known, and the application is told.
"""
