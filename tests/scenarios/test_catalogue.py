"""The list of certification cases: complete, and up to date."""

from __future__ import annotations

from tests.scenarios.catalogue import CASES, README, dialogues, rendered


def test_rendered_list_is_up_to_date() -> None:
    """If not: python -m tests.scenarios."""
    assert README.read_text(encoding="utf-8") == rendered()


def test_every_case_has_a_dialogue_and_every_dialogue_a_case() -> None:
    assert {each.case for each in dialogues()} == CASES.keys()


def test_cases_stand_in_the_order_of_the_list() -> None:
    assert list(CASES) == sorted(CASES)
    assert [each.case for each in dialogues()] == sorted(each.case for each in dialogues())


def test_tests_are_where_the_list_says() -> None:
    """The links lead to them."""
    for dialogue in dialogues():
        text = (README.parent / f"{dialogue.module}.py").read_text(encoding="utf-8")
        assert f"def {dialogue.test}(" in text
