"""Updates of the station's firmware: fetched, installed by the driver, started by a restart.

Covers UpdateFirmware (§5.19) and FirmwareStatusNotification (§4.5). The request survives restarts and power cuts until
it has come to an end. The core decides what is next; files are fetched by the runner (`ocpp16cp.io.files`), and the
driver installs them.

Where the specification is silent:
- Each try reports itself: Downloading, DownloadFailed, and again. Without `retries` there are three further ones,
  without `retryInterval` a minute apart. A location that cannot be used, or whose protocol
  `SupportedFileTransferProtocols` does not name, fails once and is not tried again.
- A download that a restart interrupts begins again, with all its tries; what has come of it is kept where the server
  can send the rest. An installation that a power cut interrupts begins again too, and fails if the image is not there.
- Installing waits for the last transaction to end, unless `Settings.installs_after_transactions` is off: connectors in
  use go on, free ones are Unavailable, and so are those that become free. They come back after the restart, or when the
  installation has failed.
- Installing is told even where the image turns out to be none at the first look.
- When the firmware is in place the station restarts, as after a Reset: transactions that still run end with Reboot.
  Installed is told after the boot and after the statuses of the connectors. A board that comes back with its old
  firmware says so by `StartCause.FIRMWARE_FALLBACK`: InstallationFailed, as if the restart had come to nothing.
- Another UpdateFirmware takes the place of one that is not being installed yet, and is ignored from then on.
- Of statuses that the central system missed, offline or before it accepted the station, it is told the last one.

Messages of SignedUpdateFirmware and SignedFirmwareStatusNotification (security whitepaper) stand here too. Signed
updates are not part of this version: the CALL is answered with NotSupported.
"""
