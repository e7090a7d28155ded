"""Messages that the central system asks the station to send.

Covers TriggerMessage (§5.17) and the answers to ExtendedTriggerMessage (security whitepaper). What can be asked for is
declared where it is sent, as `Feature.triggers`: a feature that is switched off has nothing to ask for.

The answer leaves first, then what was asked for, at once and of its own: it takes the place of no message that was due
anyway.

Where the specification is silent:
- A message that this station never sends, or whose feature profile is switched off, is NotImplemented.
- A connector that does not matter to the message is ignored. Where it matters and is not given, one message is sent for
  each of which there is something to tell, connector 0 among them: the charge point's status, the main meter.
- A connector that does not exist, one whose meter tells nothing, and a meter that does not exist are Rejected; so is
  what would not find room among the CALLs that wait.
- Before a BootNotification was answered everything is Rejected, as nothing else may be sent. While Pending this is the
  only way to make the station speak; while Rejected there is no answer.
- An accepted station repeats its BootNotification when it is asked to; `Settings.accepts_boot_trigger` changes that.
- MeterValues tell the measurands of `MeterValuesSampledData` with the context Trigger; they are not queued.
- An ExtendedTriggerMessage asks for the signed variant of FirmwareStatusNotification. It belongs to this profile as
  long as the messages of the whitepaper are not offered.
"""
