"""`python -m ocpp16cp` is the program `ocpp16cp`."""

from __future__ import annotations

from ocpp16cp.cli import main

if __name__ == "__main__":
    main()
