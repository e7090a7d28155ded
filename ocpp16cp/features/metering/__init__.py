"""What the meters show, and the samples of it that are sent: while transactions run, by the clock, and with their end.

Covers MeterValues (§4.7), the samples of §3.16 with all their contexts, measurands, phases, places and units (§7.30 to
§7.45), and `transactionData` of StopTransaction (§4.10). `handlers` takes readings in and keeps registers from running
backwards, `sampling` decides when samples are taken, `grid` knows the clock's points, `collecting` keeps what goes out
with the end of a transaction, `quantities` makes values of readings.

- *Sampled*: what `MeterValuesSampledData` names, every `MeterValueSampleInterval` seconds from the start of a
  transaction.
- *Clock-aligned*: what `MeterValuesAlignedData` names, at the multiples of `ClockAlignedDataInterval` since midnight
  UTC, of every connector with or without a transaction, and of the main meter (connector 0) where the driver reads one.
- *With the end*: the same instants once more, what `StopTxnSampledData` and `StopTxnAlignedData` name, between
  Transaction.Begin and Transaction.End, which are those of the sampled list.
- *Triggered*: what `MeterValuesSampledData` names, at once.

Where the specification is silent:
- An empty list of what is sent means Energy.Active.Import.Register; empty lists of what is kept mean no data.
- Context, measurand, unit and location are always sent, also where they are the defaults.
- Of a measurand without a phase everything in the usual form is told: currents of the lines and of N, voltages to
  neutral, one value of all else. An item with a phase is that one value.
- A measurand that the meter cannot tell at the moment is left out; a sample of nothing is not sent.
- A register that runs backwards is held at the highest value known, also over a power cut, and the application is told.
- An interval counts from the sample of its kind before (periodic or clock), first from the start of the transaction; a
  triggered one from the last periodic sample. What is negative without a meaning is noise, and told as 0.
- A power cut costs Transaction.End all but its registers. Interruption.Begin tells the registers stored last.
- The main meter is sampled with transactions only if `Settings.samples_main_meter` says so.

When the clock is set:
- No time stamp of a transaction lies before an earlier one of it: it is raised to that. A triggered one is outside this
  order, as it may overtake what waits in the queue.
- No point of the grid has two samples, also over power cuts. One that was jumped over, or slept through, has its sample
  if it is noticed in time (`grid.lateness_s`), with the point as its time stamp; otherwise none.
- A connector has no clock-aligned samples while the clock lies before what was told of its transaction.
- Until somebody has told the time there is no grid.

More samples than `StopTransactionMaxMeterValues`, or than fit into a message, are thinned: every other one of each kind
goes, then every other one of the rest, so that what is left covers the transaction evenly; begin and end stay, and
intervals count from the sample that is still there.

Left out: the context Other, signed data (`format` is never sent), kilo-units.
"""
