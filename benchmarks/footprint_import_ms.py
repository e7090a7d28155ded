"""How many milliseconds the import of a charge point takes in a fresh process, beside the package `ocpp`.

*core* is `from ocpp16cp import ChargePoint`; *station* adds `StationRunner`, with the transports and the event loop;
*composition* is the calculation of composite schedules alone. Byte code is there already. The time of the interpreter's
own start is not in the figures. *Elapsed* suffers from other work on the machine, *processor* hardly.

    python benchmarks/footprint_import_ms.py [--quick]

`python -X importtime -c 'from ocpp16cp import ChargePoint'` tells where the time goes. The results are in `README.md`.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys

IMPORTS = {
    "core": "from ocpp16cp import ChargePoint",
    "station": "from ocpp16cp import ChargePoint, StationRunner",
    "composition": "from ocpp16cp.composition import ProfileSet",
    "ocpp": "from ocpp.v16 import ChargePoint",
}

TIMED = """\
from time import perf_counter, process_time
elapsed, processor = perf_counter(), process_time()
{}
print(perf_counter() - elapsed, process_time() - processor)
"""


def import_ms(statement: str) -> tuple[float, float]:
    """Import in a fresh process: milliseconds elapsed, and of the processor."""
    command = [sys.executable, "-c", TIMED.format(statement)]
    # Some machines are told to keep no byte code, and would measure the compiler.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    elapsed, processor = said.split()
    return float(elapsed) * 1e3, float(processor) * 1e3


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer processes, coarser figures")
    rounds = 5 if parser.parse_args().quick else 20
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in IMPORTS}
    for turn in range(rounds + 1):
        for name, statement in IMPORTS.items():
            taken = import_ms(statement)
            # The first turn writes the byte code.
            if turn > 0:
                times[name].append(taken)

    print(f"{platform.python_implementation()} {sys.version.split()[0]}, {platform.machine()}")
    print(f"{'import, ms':16}{'elapsed':>16}{'processor':>16}")
    for name, pairs in times.items():
        print(f"{name:16}" + "".join(f"{_spread(column):>16}" for column in zip(*pairs, strict=True)))


def _spread(times: tuple[float, ...]) -> str:
    low, _, high = statistics.quantiles(times, n=4)
    return f"{statistics.median(times):.0f} ± {(high - low) / 2:.0f}"


if __name__ == "__main__":
    main()
