"""Diagnostics: collected by the driver and the runner, uploaded as one file.

Covers GetDiagnostics (§5.9) and DiagnosticsStatusNotification (§4.4). `locations` says where files may come from and go
to, firmware too, which is a higher feature. The file is a zip archive: what the driver has written, and the last
messages of the station without their secrets.

Where the specification is silent:
- GetDiagnostics is answered when the file is there, and after 4 seconds in any case; then a collection that fails is an
  upload that has failed. A station that has nothing to say of the time that is asked for names no file.
- Each try reports itself: Uploading, UploadFailed, and again. Without `retries` there are three further ones, without
  `retryInterval` a minute apart. A location that cannot be used, or whose protocol `SupportedFileTransferProtocols`
  does not name, fails once and is not tried again.
- Another GetDiagnostics takes the place of an upload that is under way, without a word about that.
- A power cut fails the try under way, as soon as the station is back; the next one follows. A Reset ends the upload:
  that it failed is told before the restart.
- Of statuses that the central system missed, offline or before it accepted the station, it is told the last one.
- A trigger is answered with the last status while there is an upload, between its tries too; otherwise with Idle.

Messages of GetLog and LogStatusNotification (security whitepaper) stand here too. They are not part of this version:
the CALL is answered with NotSupported.
"""
