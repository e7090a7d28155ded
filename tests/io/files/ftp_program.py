"""An FTP server of pyftpdlib as a program: says its port as JSON and serves a folder until it is killed.

    python ftp_program.py FOLDER [--certificate FILE] [--resumed] [--cut BYTES] [--stall]

User `user`, password `pass word`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from OpenSSL import SSL
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer


def cutting(base: type, after: int) -> type:
    """A data connection that breaks, once, after so many bytes of a download."""
    state = {"is_due": True}

    class Cutting(base):  # type: ignore[misc]  # the package has no types
        def send(self, data: bytes) -> int:
            sent: int = super().send(data)
            if state["is_due"] and self.tot_bytes_sent >= after:
                state["is_due"] = False
                self.cmd_channel.close()
                self.close()
            return sent

    return Cutting


class Stalling(DTPHandler):  # type: ignore[misc]  # the package has no types
    """A data connection on which nothing ever comes."""

    def send(self, data: bytes) -> int:
        time.sleep(0.05)
        return 0


class Demanding(TLS_DTPHandler):  # type: ignore[misc]  # the package has no types
    """A data connection that has to go on with the session of the control connection."""

    def handle_ssl_established(self) -> None:
        # Nothing public tells.
        if not SSL._lib.SSL_session_reused(self.socket._ssl):  # type: ignore[attr-defined]  # noqa: SLF001
            self.cmd_channel.respond("522 SSL connection failed: session reuse required")
            self.close()


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--certificate")
    parser.add_argument("--resumed", action="store_true")
    parser.add_argument("--cut", type=int)
    parser.add_argument("--stall", action="store_true")
    options = parser.parse_args()

    authorizer = DummyAuthorizer()
    authorizer.add_user("user", "pass word", options.folder, perm="elradfmwMT")
    handler: type = FTPHandler
    data: type = Stalling if options.stall else DTPHandler
    if options.certificate:
        handler = TLS_FTPHandler
        handler.certfile = options.certificate  # type: ignore[attr-defined]
        handler.tls_control_required = handler.tls_data_required = True  # type: ignore[attr-defined]
        data = Demanding if options.resumed else TLS_DTPHandler
    if options.cut is not None:
        data = cutting(data, options.cut)
        # Otherwise the file goes out past `send`.
        handler.use_sendfile = False  # type: ignore[attr-defined]
    # No test waits for a refusal.
    handler.auth_failed_timeout = 0  # type: ignore[attr-defined]
    handler.authorizer = authorizer  # type: ignore[attr-defined]
    handler.dtp_handler = data  # type: ignore[attr-defined]
    handler.use_sendfile = handler.use_sendfile and not options.stall  # type: ignore[attr-defined]
    server = FTPServer(("127.0.0.1", 0), handler)
    sys.stdout.write(json.dumps({"port": server.address[1]}) + "\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
