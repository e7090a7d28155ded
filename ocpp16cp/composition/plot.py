"""A picture of a composite schedule and of the profiles that contribute to it; needs the extra `plot`.

Above stands the composite, below it a lane for every profile that sets it at some time: its own limits as a line, the
area beneath strong where it sets the composite, faint where another one does. Colours tell purposes apart, but none of
it depends on them: lanes are labelled, and strong and faint differ in print as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import IO, TYPE_CHECKING

from attrs import frozen

from ocpp16cp.errors import UsageError
from ocpp16cp.wire.types import ChargingProfilePurposeType

from .composite import Composite
from .explain import Source, explained
from .installed import ProfileSet
from .layer import EXACT, Layer, seconds
from .steps import laid, stacked, unstacked
from .supply import CHARGE_POINT, NO_LIMIT, Supply
from .text import heading, unit_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Theme(StrEnum):
    """For what background the picture is; it brings its own either way."""

    LIGHT = "light"
    DARK = "dark"


@frozen
class _Palette:
    """Colours of a theme."""

    paper: str
    ink: str
    faint: str
    purposes: dict[ChargingProfilePurposeType, str]


_PALETTES = {
    Theme.LIGHT: _Palette(
        paper="#ffffff",
        ink="#1a1a1a",
        faint="#c8c8c8",
        purposes={
            ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE: "#b3420a",
            ChargingProfilePurposeType.TX_DEFAULT_PROFILE: "#00795c",
            ChargingProfilePurposeType.TX_PROFILE: "#1f5fa8",
        },
    ),
    Theme.DARK: _Palette(
        paper="#14171a",
        ink="#e6e6e6",
        faint="#4a4f55",
        purposes={
            ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE: "#ff9a5c",
            ChargingProfilePurposeType.TX_DEFAULT_PROFILE: "#4fd0a5",
            ChargingProfilePurposeType.TX_PROFILE: "#79b4f2",
        },
    ),
}


@frozen
class _Lane:
    """A profile over the window."""

    layer: Layer
    steps: list[_Step]
    """Where it has a limit."""
    ruling: list[_Step]
    """Where it sets the composite, with its own limit there."""


@frozen
class _Step:
    """A limit for a while; seconds from the start of the window, amount in the unit of the schedule."""

    start: int
    end: int
    limit: float


def draw(profiles: ProfileSet, composite: Composite, *, theme: Theme = Theme.LIGHT) -> Figure:
    """Draw a composite schedule of this set.

    Returns:
        A figure that belongs to no window, to be saved or shown in a notebook.

    Raises:
        UsageError: matplotlib is not installed.
    """
    ruling = _ruling(profiles, composite)
    lanes = _lanes(profiles, composite, ruling)
    figure = _figure(len(lanes))
    palette = _PALETTES[theme]
    figure.set_facecolor(palette.paper)
    grid = {"height_ratios": [7.0, *(1.0 for _ in lanes)]}
    rows = figure.subplots(1 + len(lanes), 1, sharex=True, squeeze=False, gridspec_kw=grid)
    axes = [row[0] for row in rows]
    _draw_composite(axes[0], composite, ruling, palette)
    # One scale for all lanes, so that their heights compare.
    highest = max((step.limit for lane in lanes for step in lane.steps), default=1.0)
    for axis, lane in zip(axes[1:], lanes, strict=True):
        _draw_lane(axis, lane, composite, highest or 1.0, palette)
    _label_time(axes[-1], composite, palette)
    return figure


def save(
    profiles: ProfileSet,
    composite: Composite,
    file: IO[bytes],
    *,
    kind: str,
    theme: Theme = Theme.LIGHT,
) -> None:
    """Draw a composite schedule of this set into a binary file.

    Args:
        profiles: Where the schedule comes from.
        composite: What to draw.
        file: Open for writing.
        kind: `svg`, `png`, `pdf` or another format of matplotlib.
        theme: Colours, background included.

    Raises:
        UsageError: matplotlib is not installed, or knows no such format; nothing has been written.
    """
    figure = draw(profiles, composite, theme=theme)
    kinds = figure.canvas.get_supported_filetypes()
    if kind not in kinds:
        raise UsageError(f"cannot draw {kind!r}, only {', '.join(sorted(kinds))}")
    # Without the time of day in it, the same schedule makes the same file.
    metadata = {"Date": None} if kind == "svg" else None
    figure.savefig(file, format=kind, facecolor=figure.get_facecolor(), metadata=metadata, dpi=160)


def _figure(lanes: int) -> Figure:
    try:
        # The one import of matplotlib, on use: it takes a second and is an extra.
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError("drawing needs matplotlib: install ocpp16cp[plot]") from None
    height = 4.2 + 0.42 * lanes
    figure = Figure(figsize=(11.0, height))
    # Margins in inches: room for the names of lanes, for the title over the legend, for clock times.
    figure.subplots_adjust(left=2.1 / 11, right=1 - 0.8 / 11, bottom=0.65 / height, top=1 - 0.8 / height, hspace=0.25)
    return figure


def _lanes(profiles: ProfileSet, composite: Composite, ruling: Sequence[tuple[int, int, Source]]) -> list[_Lane]:
    """The profiles that set the composite at some time, those of one purpose together, highest level first."""
    begin = seconds(composite.start)
    plan = profiles.plan(composite.connector_id).anchored(begin)
    lanes: list[_Lane] = []
    # By time 0 as well: on connector 0 one profile may count from the transactions of two connectors.
    seen: set[tuple[int, int]] = set()
    for stack in (plan.ceiling, *(part.stack for part in plan.parts)):
        for layer in unstacked(stack):
            key = (layer.profile.charging_profile_id, layer.first)
            steps = _steps(layer, composite, profiles.supply)
            ruled = _ruled(layer, steps, ruling)
            if ruled and key not in seen:
                seen.add(key)
                lanes.append(_Lane(layer, steps, ruled))
    order = list(ChargingProfilePurposeType)
    return sorted(lanes, key=lambda lane: order.index(lane.layer.profile.charging_profile_purpose))


def _steps(layer: Layer, composite: Composite, supply: Supply) -> list[_Step]:
    """Where a profile has a limit, and which."""
    begin = seconds(composite.start)
    starts, limits = laid(stacked([layer]), begin, begin + composite.duration, EXACT)
    ends = [*starts[1:], composite.duration]
    phases = supply.phases_of(composite.connector_id)
    return [
        _Step(start, end, supply.tenths(limit, composite.unit, phases) / 10)
        for start, end, limit in zip(starts, ends, limits, strict=True)
        if limit != NO_LIMIT
    ]


def _ruled(layer: Layer, steps: list[_Step], ruling: Sequence[tuple[int, int, Source]]) -> list[_Step]:
    """The stretches of a profile's steps in which it sets the composite."""
    return [
        _Step(max(start, step.start), min(end, step.end), step.limit)
        for start, end, source in ruling
        if source.profile is layer.profile
        for step in steps
        if max(start, step.start) < min(end, step.end)
    ]


def _ruling(profiles: ProfileSet, composite: Composite) -> list[tuple[int, int, Source]]:
    """From when until when which source sets the composite; several at a time on connector 0."""
    reasons = [reason for each in explained(profiles, composite) for reason in each.reasons]
    ends = [*(reason.start for reason in reasons[1:]), composite.duration]
    return [(reason.start, end, source) for reason, end in zip(reasons, ends, strict=True) for source in reason.sources]


def _draw_composite(
    axes: Axes,
    composite: Composite,
    ruling: Sequence[tuple[int, int, Source]],
    palette: _Palette,
) -> None:
    """Draw the schedule itself: a line, and beneath it the colour of what sets it."""
    ends = [*composite.starts[1:], composite.duration]
    steps = [
        _Step(start, end, tenths / 10)
        for start, end, tenths in zip(composite.starts, ends, composite.tenths, strict=True)
        if tenths < NO_LIMIT
    ]
    colours = {source: _colour(source, palette) for _, _, source in ruling}
    for source, colour in colours.items():
        own = [
            _Step(max(start, step.start), min(end, step.end), step.limit)
            for start, end, by in ruling
            if by == source
            for step in steps
            if max(start, step.start) < min(end, step.end)
        ]
        _fill(axes, own, composite, colour, 0.45)
    _line(axes, steps, composite, palette.ink, 1.6)
    top = max((step.limit for step in steps), default=1.0)
    axes.set_ylim(0, top * 1.08 or 1.0)
    axes.set_ylabel(f"limit [{unit_name(composite)}]", color=palette.ink)
    axes.set_title(heading(composite), color=palette.ink, loc="left", fontsize=11, pad=24)
    axes.grid(visible=True, axis="both", color=palette.faint, linewidth=0.5)
    _dress(axes, palette)
    _legend(axes, colours, palette)


def _legend(axes: Axes, colours: dict[Source, str], palette: _Palette) -> None:
    """Say which colour is which purpose."""
    from matplotlib.patches import Patch

    names = {colour: _kind_name(source) for source, colour in colours.items()}
    patches = [Patch(facecolor=colour, alpha=0.6, label=f"set by {name}") for colour, name in names.items()]
    axes.legend(
        handles=patches,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=len(patches),
        frameon=False,
        borderaxespad=0.2,
        labelcolor=palette.ink,
        fontsize=9,
    )


def _draw_lane(axes: Axes, lane: _Lane, composite: Composite, top: float, palette: _Palette) -> None:
    """Draw one profile: faint where it has a limit, strong where it sets the composite."""
    profile = lane.layer.profile
    colour = palette.purposes[profile.charging_profile_purpose]
    _fill(axes, lane.steps, composite, colour, 0.18)
    _fill(axes, lane.ruling, composite, colour, 0.75)
    _line(axes, lane.steps, composite, colour, 0.9)
    place = "" if lane.layer.connector_id == CHARGE_POINT else f" c{lane.layer.connector_id}"
    name = profile.charging_profile_purpose.value.removesuffix("Profile")
    axes.set_ylabel(
        f"{name}{place}  level {profile.stack_level}  #{profile.charging_profile_id}",
        rotation=0,
        ha="right",
        va="center",
        color=palette.ink,
        fontsize=8,
    )
    axes.set_ylim(0, top * 1.15)
    axes.yaxis.tick_right()
    axes.set_yticks([0, top], labels=["0", f"{top:g} {composite.unit}"], fontsize=7)
    axes.grid(visible=True, axis="x", color=palette.faint, linewidth=0.5)
    _dress(axes, palette)


def _line(axes: Axes, steps: Sequence[_Step], composite: Composite, colour: str, width: float) -> None:
    """Draw steps as one line, interrupted where there is no limit."""
    if steps:
        limits, edges = _stairs(steps, composite)
        axes.stairs(limits, edges, baseline=None, color=colour, linewidth=width)


def _fill(axes: Axes, steps: Sequence[_Step], composite: Composite, colour: str, strength: float) -> None:
    """Fill the area beneath steps."""
    if steps:
        limits, edges = _stairs(steps, composite)
        axes.stairs(limits, edges, fill=True, color=colour, alpha=strength, linewidth=0)


def _stairs(steps: Sequence[_Step], composite: Composite) -> tuple[list[float], list[float]]:
    """Limits and the edges around them, in days as matplotlib counts them; not a number where there is a gap."""
    from matplotlib.dates import date2num

    limits: list[float] = []
    offsets: list[int] = []
    for step in steps:
        if offsets and step.start > offsets[-1]:
            limits.append(math.nan)
            offsets.append(step.start)
        elif not offsets:
            offsets.append(step.start)
        limits.append(step.limit)
        offsets.append(step.end)
    first = float(date2num(composite.instant(0)))  # type: ignore[no-untyped-call]  # not in its stubs
    return limits, [first + offset / 86_400 for offset in offsets]


def _label_time(axes: Axes, composite: Composite, palette: _Palette) -> None:
    """Put clock times beneath the lowest axes, in the time zone that was asked in."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    zone = composite.start.tzinfo
    locator = AutoDateLocator(tz=zone, minticks=5, maxticks=13)  # type: ignore[no-untyped-call]  # not in its stubs
    formatter = ConciseDateFormatter(locator, tz=zone)  # type: ignore[no-untyped-call]  # not in its stubs
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.set_xlim(composite.instant(0), composite.instant(composite.duration))  # type: ignore[arg-type]  # its stubs leave out dates
    axes.set_xlabel(
        f"time ({composite.start.tzname()}) · a profile is strong where it sets the limit, faint where it gives way",
        color=palette.ink,
    )
    axes.xaxis.get_offset_text().set_color(palette.ink)
    axes.tick_params(axis="x", labelbottom=True)


def _dress(axes: Axes, palette: _Palette) -> None:
    """Colour background, frame and ticks."""
    axes.set_facecolor(palette.paper)
    axes.tick_params(colors=palette.ink, labelbottom=False)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(palette.ink)


def _colour(source: Source, palette: _Palette) -> str:
    if source.profile is None:
        return palette.faint
    return palette.purposes[source.profile.charging_profile_purpose]


def _kind_name(source: Source) -> str:
    if source.profile is None:
        return source.kind.value
    return source.profile.charging_profile_purpose.value
