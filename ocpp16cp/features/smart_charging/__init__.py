"""Limits that the central system sets by charging profiles, and what the connectors offer because of them.

Covers SetChargingProfile (§5.16), ClearChargingProfile (§5.5), GetCompositeSchedule (§5.7), profiles in
RemoteStartTransaction (§5.11), and §3.13. `handlers` installs and removes profiles, `compiling` makes of them what can
be asked quickly, `offering` works out what each connector offers now, by them and by what the others may draw. How
limits combine is a matter of `ocpp16cp.composition`.

What a connector offers is told to the driver in the step in which it changes, at the very second of the schedule, and
only when it is another value; what falls before what rises. `LimitChanged` tells the application, and until when it
holds. Profiles survive power cuts; a TxProfile lives as long as its transaction, also where that goes on after one.

Choices where the specification is silent:
- A profile that breaks a rule is Rejected, and what was installed stays; the `ProfileRejected` notice says which rule.
  Among these rules: a validTo that is past, a Relative ChargePointMaxProfile, a Recurring profile without
  startSchedule, with `Settings.requires_start_schedule` an Absolute one too.
- A TxProfile without transactionId is for the transaction that runs; a transactionId elsewhere is ignored.
- Profiles whose validity is over count as installed until room is needed.
- A profile that comes with a remote start counts for nothing until the transaction begins, and is then installed in any
  case; a remote start said again brings another one.
- Too little for all connectors (a ChargePointMaxProfile, or `Station.max_current_a`) is divided by `Settings.sharing`,
  equally if nothing else is said, among those with a running transaction, whether their cars draw or not. Composite
  schedules tell what a connector could offer alone.
- Amperes add up as if all were drawn from the same phase, also where connectors use fewer phases than the station has.
- Less than the 6 A that a control pilot can tell is nothing: the connector is SuspendedEVSE.
- A limit for one phase of several is told to the driver as such where ConnectorSwitch3to1PhaseSupported says that it
  can be done, at the start of a transaction and while it runs. Otherwise a limit for fewer phases than the connector
  has keeps to the power: 16 A on one phase become 5.3 A on three, which is nothing.
- minChargingRate counts in sharing only: who would get less than that is the one to go without.
- While the central system cannot be reached the profiles go on; `Settings.offline_limit_a` bounds them, if it is set.
- A composite schedule reaches a week at most, whatever duration is asked for.
- Stored profiles that do not fit the station any more are removed, with a `ProfileDropped` notice.

Left out: waiting until a car has followed a lower limit before another connector is offered more (a control pilot gives
it 5 seconds), and measured currents: limits alone are divided.
"""
