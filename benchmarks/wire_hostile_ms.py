"""How many milliseconds and mebibytes a hostile frame of 1 MiB costs before it is refused or understood.

Frame text in, refusal or message out, all bounds on. The memory is the peak that Python allocates
beyond the text itself.

    python benchmarks/wire_hostile_ms.py [--quick]

On a virtual machine (2 cores of an AMD EPYC, both busy with other work), CPython 3.11.7: what is refused by its
shape costs less than 1 ms (nesting) to 25 ms (texts); what has to be parsed whole first 75 to 250 ms and up to
38 MiB, most for lists of small lists; a valid local list of full size, 19,000 entries, takes 220 ms and 11 MiB.
Tolerance makes that 490 ms and 18 MiB.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import timeit
import tracemalloc
from functools import partial

from ocpp16cp.errors import PayloadInvalid
from ocpp16cp.features.data_transfer.messages import DataTransfer
from ocpp16cp.features.local_list.messages import SendLocalList
from ocpp16cp.features.metering.messages import MeterValues
from ocpp16cp.features.smart_charging.messages import SetChargingProfile
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.frames import Call, parse_frame
from ocpp16cp.wire.strict_json import MAX_LENGTH
from ocpp16cp.wire.tolerance import STRICT, TOLERANT, Tolerance

CLASSES = {of.__name__: of for of in (DataTransfer, MeterValues, SendLocalList, SetChargingProfile)}


def fill(before: str, entry: str, after: str, *, between: str = ",") -> str:
    """Repeat an entry until the frame has its full size."""
    room = MAX_LENGTH - len(before) - len(after) + len(between)
    return before + between.join([entry] * (room // len(entry + between))) + after


def numbered(before: str, entry: str, after: str) -> str:
    """Repeat an entry, a number in place of its `#`, until the frame has its full size."""
    count = (MAX_LENGTH - len(before) - len(after)) // (len(entry) + 8)
    return before + ",".join(entry.replace("#", f"{number:07}") for number in range(count)) + after


def frames() -> dict[str, str]:
    """Make one frame of each nasty kind."""
    local_list = '[2,"1","SendLocalList",{"listVersion":1,"updateType":"Full","localAuthorizationList":['
    profile = (
        '[2,"1","SetChargingProfile",{"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,"stackLevel":0,'
        '"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Absolute","chargingSchedule":'
        '{"chargingRateUnit":"A","chargingSchedulePeriod":['
    )
    values = '[2,"1","MeterValues",{"connectorId":1,"meterValue":['
    data = '[2,"1","DataTransfer",{"vendorId":"v","data":'
    return {
        "one list in the other": fill("", "[", "", between=""),
        "one object in the other": fill("", '{"a":', "", between=""),
        "empty lists side by side": fill(f"{values}", "[]", "]}]"),
        "empty objects side by side": fill(f"{values}", "{}", "]}]"),
        "nulls side by side": fill(f"{local_list}", "null", "]}]"),
        "lists of small lists": fill(f"{values}", "[[[]]]", "]}]"),
        "unknown fields": numbered('[2,"1","DataTransfer",{"vendorId":"v",', '"#":1', "}]"),
        "one key over and over": fill('[2,"1","DataTransfer",{', '"a":1', "}]"),
        "integers of 4000 digits": fill(f"{data}[", "9" * 4000, "]}]"),
        "integer of 1 million digits": f"{data}{'9' * (MAX_LENGTH - 60)}}}]",
        "decimal of 1 million digits": f"{data}0.{'9' * (MAX_LENGTH - 60)}}}]",
        "huge exponents": fill(f"{profile}", '{"startPeriod":0,"limit":1e999999999}', "]}}}]"),
        "text of escapes": fill(f'{data}"', "\\u00e9", '"}]', between=""),
        "text of surrogate pairs": fill(f'{data}"', "\\ud83d\\ude00", '"}]', between=""),
        "text of lone surrogates": fill(f'{data}"', "\\ud83d", '"}]', between=""),
        "id without end": f'[2,"{"x" * (MAX_LENGTH - 30)}","Reset",{{}}]',
        "no JSON after all": fill(f"{values}", "{}", ""),
        "local list, valid": numbered(f"{local_list}", '{"idTag":"#","idTagInfo":{"status":"Accepted"}}', "]}]"),
        "local list, extra in each": numbered(f"{local_list}", '{"idTag":"#","extra":null}', "]}]"),
        "profile, valid": fill(f"{profile}", '{"startPeriod":0,"limit":16.1}', "]}}}]"),
    }


def outcome(text: str, tolerance: Tolerance) -> str:
    """Do with a frame what a station does, and say in a word how it ended."""
    frame = parse_frame(text)
    if not isinstance(frame, Call):
        return "unreadable"
    try:
        Codec(tolerance).decode(CLASSES[frame.action], frame.payload)
    except PayloadInvalid as refusal:
        return refusal.code
    return "taken"


def report(kind: str, text: str, repeats: int) -> None:
    """Measure a frame at both tolerances, and print its line."""
    assert len(text) <= MAX_LENGTH
    figures = []
    for tolerance in (STRICT, TOLERANT):
        times = timeit.repeat(partial(outcome, text, tolerance), number=1, repeat=repeats)
        tracemalloc.start()
        ending = outcome(text, tolerance)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        figures.append(f"{statistics.median(times) * 1e3:8.1f}{peak / 2**20:8.1f}  {ending:28}")
    print(f"{kind:28}{''.join(figures)}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="what hostile frames of 1 MiB cost")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, coarser figures")
    quick: bool = parser.parse_args().quick
    for of in CLASSES.values():
        outcome(f'[2,"1","{of.__name__}",{{}}]', STRICT)
    print(f"{platform.python_implementation()} {sys.version.split()[0]}, {platform.machine()}")
    print(f"{'':28}{'strict: ms':>8}{'MiB':>6}{'':30}{'tolerant: ms':>8}{'MiB':>4}")
    for kind, text in frames().items():
        report(kind, text, 3 if quick else 11)


if __name__ == "__main__":
    main()
