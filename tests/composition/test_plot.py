"""Pictures: what is in them, and that they come out in all formats and themes."""

from __future__ import annotations

import sys
from io import BytesIO

import pytest
from matplotlib.figure import Figure

from ocpp16cp.composition import Composite, ProfileSet
from ocpp16cp.composition.plot import Theme, draw, save
from ocpp16cp.errors import UsageError

from .building import T0, W, profile, station, supply


def _station() -> ProfileSet:
    return station(
        profile("max", "0:20, 100:12", profile_id=4, duration=150),
        profile("tx", "0:16, 50:25", level=2, profile_id=5, duration=200),
        profile("default", "0:6", profile_id=6, duration=60),
        running=0,
    )


def _composite() -> Composite:
    return _station().compose(1, T0, duration=300)


def _labels(figure: Figure) -> list[str]:
    return [axes.get_ylabel() for axes in figure.axes]


def test_lanes_are_the_profiles_that_set_the_composite() -> None:
    """Each with purpose, connector, level and id; one that is covered throughout has none."""
    figure = draw(_station(), _composite())

    assert _labels(figure) == [
        "limit [A per phase]",
        "ChargePointMax  level 0  #4",
        "Tx c1  level 2  #5",
    ]


def test_axes_have_units_and_clock_times() -> None:
    """The unit at the left, the zone beneath, what and when above."""
    figure = draw(_station(), _station().compose(1, T0, duration=300, unit=W))

    top, bottom = figure.axes[0], figure.axes[-1]
    assert top.get_ylabel() == "limit [W]"
    assert top.get_title("left").startswith("Connector 1, 2026-03-02 10:05:00 to ")
    assert bottom.get_xlabel().startswith("time (UTC)")


def test_legend_says_what_each_colour_stands_for() -> None:
    """Purposes, and hardware."""
    legend = draw(_station(), _composite()).axes[0].get_legend()

    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "set by TxProfile",
        "set by ChargePointMaxProfile",
        "set by hardware",
    ]


def test_charge_point_and_nothing_at_all() -> None:
    """Connector 0, where one profile counts from two transactions; and a station without any limit."""
    relative = station(profile("default", "0:6, 30:9", kind="relative"), of=supply(connectors=2), running=-10)

    summed = draw(relative, relative.compose(0, T0, duration=100))
    unlimited = station(of=supply(limit=None))
    empty = draw(unlimited, unlimited.compose(1, T0, duration=100))

    assert _labels(summed)[1:] == ["TxDefault  level 0  #7", "TxDefault  level 0  #7"]
    assert _labels(empty) == ["limit [A per phase]"]


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize(("kind", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_files(theme: Theme, kind: str, magic: bytes) -> None:
    """For print and for the screen; the same schedule makes the same file."""
    files = BytesIO(), BytesIO()

    for file in files:
        save(_station(), _composite(), file, kind=kind, theme=theme)

    assert files[0].getvalue().startswith(magic)
    assert len(files[0].getvalue()) == len(files[1].getvalue())


def test_unknown_format_is_refused() -> None:
    """And names those there are; nothing is written."""
    file = BytesIO()

    with pytest.raises(UsageError, match=r"cannot draw 'doc', only .*svg"):
        save(_station(), _composite(), file, kind="doc")

    assert file.getvalue() == b""


def test_missing_matplotlib_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra; what to install is said."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    with pytest.raises(UsageError, match=r"ocpp16cp\[plot\]"):
        draw(_station(), _composite())
