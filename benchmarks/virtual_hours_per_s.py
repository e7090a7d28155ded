"""How many hours of a busy station's life pass in a second, and whether it stays as small as it was.

A year of `ocpp16cp.testing.endurance.Life`: two connectors, twelve customers a day, an outage of up to half a day every
week, a heartbeat and a sample of each transaction every quarter of an hour, no pings; meters are read whenever the core
wakes and when something changes. The hardware and the central system are in the figure. At the end every watt-hour that
the meters have counted is held against what the central system was told.

    python benchmarks/virtual_hours_per_s.py [--quick]

Resident memory is printed after each twelfth of the time: it must not grow with the days.
"""

from __future__ import annotations

import argparse
import platform
import resource
import sys
from time import perf_counter, process_time

from ocpp16cp.testing.endurance import Life

PARTS = 12
"""How often the memory is looked at."""


def main() -> None:
    """Live, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a month instead of a year")
    parser.add_argument("--seed", type=int, default=1, help="decides when customers and outages come (1)")
    options = parser.parse_args()
    days = 30.0 if options.quick else 365.0

    life = Life(options.seed)
    wall, processor = perf_counter(), process_time()
    print(f"{platform.python_implementation()} {sys.version.split()[0]}, {platform.machine()}")
    print(f"{'days':>6}{'peak MiB':>10}")
    for part in range(1, PARTS + 1):
        life.run(days=days / PARTS)
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{part * days / PARTS:6.0f}{peak_mib:10.1f}", flush=True)
    wall, processor = perf_counter() - wall, process_time() - processor

    report = life.report()
    print(f"{wall:.1f} s, {processor:.1f} s of the processor: {days * 24 / wall:.0f} virtual hours per second")
    print(
        f"{report.steps} steps of {processor / report.steps * 1e6:.0f} us, {report.calls} CALLs, "
        f"{report.transactions} transactions, {report.outages} outages"
    )
    print(f"{report.energy_wh / 1000:.0f} kWh metered and told, {report.records} records in the store")


if __name__ == "__main__":
    main()
