"""Files that the station uploads: diagnostics and logs.

Messages and configuration keys of GetDiagnostics (§5.9), DiagnosticsStatusNotification (§4.4), GetLog and
LogStatusNotification (security whitepaper). Uploading is not part of this version: the CALLs are answered with
NotSupported, and a triggered status of diagnostics is Idle.

`SupportedFileTransferProtocols` stands here because firmware, which needs it too, is a higher feature.
"""
