from __future__ import annotations

import pytest
import typer

from ocpp16cp.cli.failures import FAILED, INTERRUPTED, explained
from ocpp16cp.driver.interface import HardwareFailure
from ocpp16cp.errors import UsageError
from ocpp16cp.kernel.records import RecordUnreadable
from ocpp16cp.store.interface import StoreFull

RECORD_HINT = "use the version that wrote it, or name another directory with --state"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UsageError("a: 'b' is wrong"), "a: 'b' is wrong"),
        (UsageError("in two\n lines"), "in two lines"),
        (StoreFull("'f' has no room"), "'f' has no room"),
        (HardwareFailure(text="no power"), "Failed: no power"),
        (
            RecordUnreadable("t", "k", "no"),
            f"record 'k' of table 't' cannot be read: no; {RECORD_HINT}",
        ),
        (FileNotFoundError(2, "No such file or directory", "f"), "f: no such file or directory"),
        (OSError(98, "Address already in use"), "address already in use"),
        (OSError("something else"), "something else"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_error_that_a_user_can_meet_is_one_line(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as caught, explained(debug=False):
        raise error

    assert caught.value.exit_code == FAILED
    assert capsys.readouterr().err == f"ocpp16cp: {said}\n"


def test_errors_of_several_tasks_are_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    group = ExceptionGroup("tasks", [UsageError("one"), ExceptionGroup("more", [StoreFull("two")])])

    with pytest.raises(typer.Exit), explained(debug=False):
        raise group

    assert capsys.readouterr().err == "ocpp16cp: one\nocpp16cp: two\n"


def test_mistake_of_the_program_passes_with_its_traceback() -> None:
    with pytest.raises(AssertionError, match="cannot happen"), explained(debug=False):
        raise AssertionError("cannot happen")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), BaseExceptionGroup("tasks", [KeyboardInterrupt()])])
def test_interrupt_has_the_exit_code_of_shells(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught, explained(debug=False):
        raise error

    assert caught.value.exit_code == INTERRUPTED
    assert capsys.readouterr().err == ""


def test_nothing_is_said_when_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with explained(debug=True):
        pass

    assert capsys.readouterr().err == ""
