"""What is quick to make is in nothing else different from what attrs makes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from ocpp16cp import lean
from ocpp16cp.events import MeterRead, PongReceived, Reading


def made_by(frozen: Any) -> tuple[type[Any], type[Any]]:
    """Two classes of every kind of field."""

    @frozen(kw_only=True)
    class Message:
        text: str
        amount: int = 7
        secret: str = attrs.field(default="x", repr=False)
        shown: str = attrs.field(default="query", repr=lambda value: value.upper())
        remark: str = attrs.field(default="", eq=False)

    @frozen
    class Empty:
        pass

    return Message, Empty


LEAN, LEAN_EMPTY = made_by(lean.frozen)
PLAIN, PLAIN_EMPTY = made_by(attrs.frozen)


def test_text_is_that_of_attrs() -> None:
    assert repr(LEAN(text="a")) == repr(PLAIN(text="a")) == "Message(text='a', amount=7, shown=QUERY, remark='')"
    assert repr(LEAN_EMPTY()) == repr(PLAIN_EMPTY()) == "Empty()"


@pytest.mark.parametrize(("message", "empty"), [(LEAN, LEAN_EMPTY), (PLAIN, PLAIN_EMPTY)])
def test_like_is_equal_to_like(message: Callable[..., object], empty: Callable[..., object]) -> None:
    one, other = message(text="a", remark="first"), message(text="a", remark="second")

    assert one == other
    assert hash(one) == hash(other)
    assert one != message(text="b")
    assert one != message(text="a", secret="y")
    assert one != empty()
    assert empty() == empty()
    assert hash(empty()) == hash(empty())
    assert len({one, other, empty(), empty()}) == 2


def test_classes_of_the_same_values_are_not_equal() -> None:
    assert LEAN(text="a") != PLAIN(text="a")
    assert LEAN_EMPTY() != LEAN(text="a")


def test_without_comparison_each_is_itself() -> None:
    @lean.frozen(eq=False)
    class Feature:
        name: str

    one = Feature("a")

    assert one != Feature("a")
    assert len({one, Feature("a")}) == 2
    assert repr(one) == "Feature(name='a')"


def test_what_is_made_is_frozen_and_travels() -> None:
    read = MeterRead(1, Reading(register_wh=5))

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        read.connector_id = 2  # type: ignore[misc]  # that is the point
    assert pickle.loads(pickle.dumps(read)) == copy.deepcopy(read) == read
    assert attrs.evolve(read, connector_id=2) == MeterRead(2, read.reading)
    match PongReceived(3):
        case PongReceived(number):
            assert number == 3
