"""`ocpp16cp compose`: the composite schedule of a file of charging profiles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from ocpp16cp.composition import Composite, ProfileSet
from ocpp16cp.composition.explain import ExplainedPeriod, Source, explained
from ocpp16cp.composition.read import read_station
from ocpp16cp.composition.text import chart, heading, table
from ocpp16cp.errors import UsageError
from ocpp16cp.features.smart_charging.messages import (
    GetCompositeScheduleConf,
    GetCompositeScheduleStatus,
)
from ocpp16cp.wire.codec import Codec
from ocpp16cp.wire.types import ChargingRateUnitType

_DAY_S = 86_400
_MAX_DURATION_S = 366 * _DAY_S
"""A year: millions of periods would fill the memory before anybody has read them."""


_File = Annotated[
    Path,
    typer.Argument(
        help='JSON: {"station": {...}, "profiles": [SetChargingProfile payloads], "transactions":'
        ' [{"connectorId", "transactionId", "startTime"}]}; station and transactions may be absent.',
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]
_Start = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help="When the window begins, as 2026-03-02T10:05:00Z. (default: now)",
        show_default=False,
    ),
]
_Duration = Annotated[int, typer.Option(min=1, max=_MAX_DURATION_S, help="Length of the window in seconds.")]
_Unit = Annotated[
    ChargingRateUnitType | None,
    typer.Option(help="Of the answer. (default: A, on a DC station W)", show_default=False),
]
_Plot = Annotated[
    Path | None,
    typer.Option(help="Draw into a file as well: .svg, .png or .pdf.", show_default=False),
]


def compose(
    file: _File,
    *,
    connector: Annotated[int, typer.Option(min=0, help="0 is the charge point.")] = 1,
    start: _Start = None,
    duration: _Duration = _DAY_S,
    unit: _Unit = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say what sets each period.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the payload of GetCompositeSchedule.conf.")] = False,
    plot: _Plot = None,
    dark: Annotated[bool, typer.Option("--dark", help="Draw for a dark background.")] = False,
) -> None:
    """Compose charging profiles into the schedule of one connector."""
    begin = _instant(start, duration)
    try:
        # With or without a byte order mark, which editors on Windows put in front.
        profiles = read_station(file.read_text(encoding="utf-8-sig"), received=begin)
        composite = profiles.compose(connector, begin, duration=duration, unit=unit)
        reasons = explained(profiles, composite) if explain else ()
        answer = _payload(composite, reasons) if as_json else _readable(composite, reasons)
        if plot is not None:
            _draw(profiles, composite, plot, dark=dark)
    except (UsageError, UnicodeDecodeError) as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(answer)


def _instant(text: str | None, duration: int) -> datetime:
    """The start of a window, all of which has dates."""
    if text is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time", param_hint="--from") from None
    if instant.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no time zone", param_hint="--from")
    try:
        (instant.astimezone(UTC) + timedelta(seconds=duration)).astimezone(instant.tzinfo)
    except OverflowError:
        raise typer.BadParameter(
            f"the window from {text!r} on leaves the years 1 to 9999", param_hint="--from"
        ) from None
    return instant


def _readable(composite: Composite, reasons: Sequence[ExplainedPeriod]) -> str:
    """Heading, chart and table."""
    return "\n\n".join((heading(composite), chart(composite), table(composite, reasons)))


def _payload(composite: Composite, reasons: Sequence[ExplainedPeriod]) -> str:
    """The confirmation as it would go over the wire; the reasons stand beside its own fields."""
    confirmation = GetCompositeScheduleConf(
        status=GetCompositeScheduleStatus.ACCEPTED,
        connector_id=composite.connector_id,
        schedule_start=composite.instant(0),
        charging_schedule=composite.charging_schedule(),
    )
    payload = json.loads(Codec().encode(confirmation))
    if reasons:
        payload["explanation"] = [
            {"startPeriod": reason.start, "sources": [_source(source) for source in reason.sources]}
            for each in reasons
            for reason in each.reasons
        ]
    return json.dumps(payload, indent=2)


def _source(source: Source) -> dict[str, object]:
    """A source in words of the protocol."""
    described: dict[str, object] = {
        "source": source.kind.value,
        "connectorId": source.connector_id,
    }
    if source.profile is not None:
        described["chargingProfileId"] = source.profile.charging_profile_id
        described["chargingProfilePurpose"] = source.profile.charging_profile_purpose.value
        described["stackLevel"] = source.profile.stack_level
    return described


def _draw(profiles: ProfileSet, composite: Composite, path: Path, *, dark: bool) -> None:
    """Draw into a file."""
    # Drawing code is read only where something is drawn.
    from ocpp16cp.composition.plot import Theme, save

    picture = BytesIO()
    save(
        profiles,
        composite,
        picture,
        kind=path.suffix.removeprefix(".").lower(),
        theme=Theme.DARK if dark else Theme.LIGHT,
    )
    path.write_bytes(picture.getvalue())
