"""The station's certificate and the roots that it trusts.

Messages and configuration keys of SignCertificate, CertificateSigned, InstallCertificate, DeleteCertificate and
GetInstalledCertificateIds (security whitepaper). Keeping certificates is not part of this version: the CALLs are
answered with NotSupported.
"""
