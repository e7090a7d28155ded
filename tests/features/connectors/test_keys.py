from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp16cp.features.connectors.keys import CONNECTOR_PHASE_ROTATION, PhaseRotation, Rotation, parse_phase_rotation
from ocpp16cp.kernel.keys import ValueRefused
from tests.features.stations import STATION

PLACES = st.sampled_from([None, 0, 1, 2])
ITEMS = st.builds(PhaseRotation, PLACES, st.sampled_from(Rotation))


@given(ITEMS)
def test_rotation_is_understood_as_it_is_written_in_any_letter_case(item: PhaseRotation) -> None:
    """§9.1.7: a connector, 0 for the grid, and a rotation; or a rotation alone."""
    for text in (str(item), str(item).upper(), f" {str(item).lower()}"):
        assert parse_phase_rotation(text, STATION) == item


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("3.RST", "there is no connector 3"),
        ("99999999999.RST", "names no connector"),
        ("-1.RST", "names no connector"),
        ("+1.RST", "names no connector"),
        ("\u0661.RST", "names no connector"),
        (".RST", "names no connector"),
        ("1..RST", "names no connector"),
        ("1.RR", "'RR' is none of NotApplicable, Unknown, RST"),
        ("1", "'1' is none of"),
        ("", "'' is none of"),
    ],
)
def test_text_that_is_no_rotation_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueRefused, match=why):
        parse_phase_rotation(text, STATION)


@given(st.one_of(st.text(max_size=30), st.lists(st.text("0123.RSTrst ,", max_size=8)).map(",".join)))
def test_any_text_is_a_list_of_rotations_or_refused(text: str) -> None:
    kind = CONNECTOR_PHASE_ROTATION.kind
    try:
        items = kind.parse(text, STATION)
    except ValueRefused:
        return
    assert kind.parse(kind.render(items), STATION) == items
