"""What the command line makes of its arguments, as far as no station runs."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ocpp16cp import __version__
from ocpp16cp.cli import main
from ocpp16cp.cli.app import app
from ocpp16cp.store.sqlite import SqliteStore
from tests.cli.programs import environment


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="ocpp16cp")


def complaint(*arguments: str) -> str:
    """What is said about arguments that come to nothing: one line, and no traceback."""
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stderr.endswith("\n")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("ocpp16cp: ").rstrip("\n")


def test_version_is_told() -> None:
    result = run("--version")

    assert (result.exit_code, result.stdout) == (0, f"ocpp16cp {__version__}\n")


def test_help_lists_the_commands() -> None:
    result = run("--help")

    assert result.exit_code == 0
    assert re.findall(r"^  (\w+)  +\w", result.stdout, re.MULTILINE)[-3:] == ["demo", "simulate", "compose"]


def test_no_arguments_are_answered_with_help() -> None:
    assert "Commands:" in run().output


def test_command_that_is_not_there_is_refused() -> None:
    result = run("simulat")

    assert result.exit_code == 2
    assert "No such command" in result.stderr


@pytest.mark.parametrize("command", ["demo", "simulate", "compose"])
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "--help")

    assert result.exit_code == 0
    assert "Usage: " in result.stdout


def test_program_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ocpp16cp", "--version"], capture_output=True, text=True, env=environment(), check=True
    )

    assert done.stdout == f"ocpp16cp {__version__}\n"


def test_missing_extra_is_told_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typer", None)
    monkeypatch.delitem(sys.modules, "ocpp16cp.cli.app")

    with pytest.raises(SystemExit) as caught:
        main()

    hint = "install it with: pip install 'ocpp16cp[cli]'"
    assert caught.value.code == f"ocpp16cp: the command line needs typer; {hint}"


def test_missing_part_of_the_extra_is_told_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ocpp16cp", "demo"])
    monkeypatch.setitem(sys.modules, "rich.console", None)

    with pytest.raises(SystemExit) as caught:
        main()

    hint = "install it with: pip install 'ocpp16cp[cli]'"
    assert caught.value.code == f"ocpp16cp: the command line needs rich; {hint}"


def test_module_that_is_missing_for_another_reason_is_no_matter_of_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ocpp16cp.cli.app", None)

    with pytest.raises(ModuleNotFoundError):
        main()


def test_missing_trio_is_told_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocpp16cp.cli.app.find_spec", lambda _name: None)

    said = complaint("simulate", "ws://a", "--id", "CP7", "--backend", "trio")

    assert said == "--backend trio needs trio; install it with: pip install 'ocpp16cp[trio]'"


def test_station_needs_an_identity() -> None:
    said = complaint("simulate", "ws://a")

    assert said == "whose identity? name the station with --id, or describe it with --station"


def test_station_needs_a_central_system() -> None:
    said = complaint("simulate", "--id", "CP7")

    assert said == "where is the central system? give its URL, or set link.url in the station file"


def test_identity_that_no_station_can_have_is_refused() -> None:
    said = complaint("simulate", "ws://a", "--id", "x" * 49)

    assert said == f"identity: '{'x' * 49}' has 49 characters, at most 48 are allowed"


def test_url_that_can_never_work_is_refused() -> None:
    said = complaint("simulate", "http://a", "--id", "CP7")

    assert said == (
        "'http://a' does not begin with ws:// or wss://; a URL looks like ws://host:port/path or wss://host/path"
    )


def test_unknown_key_in_the_station_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text("vendr = 'Example'")

    said = complaint("simulate", "ws://a", "--station", str(path))

    assert said == f"{path}: vendr: is unknown; did you mean 'vendor'?"


def test_station_file_may_leave_the_url_to_the_command_line_and_the_other_way_round(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text("vendor = 'V'\nmodel = 'M'\nlink.url = 'ws://a'")
    blocked = tmp_path / "file"
    blocked.touch()

    # All is well until the state directory is to be made.
    said = complaint("simulate", "--id", "CP7", "--station", str(path), "--state", str(blocked))

    assert said.startswith(f"--state: '{blocked}' cannot be written")


def test_state_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()

    said = complaint("simulate", "ws://a", "--id", "CP7", "--state", str(blocked / "state"))

    assert said == (
        f"--state: '{blocked / 'state'}' cannot be written: not a directory; name a directory that this user may write"
    )


def test_file_that_is_no_store_is_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "CP7.sqlite"
    path.write_text("my diary")

    said = complaint("simulate", "ws://a", "--id", "CP7", "--state", str(tmp_path))

    assert said.startswith(f"'{path}' is not a store of ocpp16cp")
    assert path.read_text() == "my diary"


def test_store_in_use_is_told(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "CP7.sqlite")):
        said = complaint("simulate", "ws://a", "--id", "CP7", "--state", str(tmp_path))

    assert said.endswith("is in use by another process; stop that one, or name another file")


def test_name_of_the_store_follows_from_the_identity(tmp_path: Path) -> None:
    """Whatever is in an identity, its store is a file in this very directory."""
    (tmp_path / "..%2Fa%25.sqlite").write_text("my diary")

    assert "..%2Fa%25.sqlite" in complaint("simulate", "ws://a", "--id", "../a%", "--state", str(tmp_path))


def test_trace_that_cannot_be_written_is_told_and_the_store_let_go(tmp_path: Path) -> None:
    trace = tmp_path / "missing" / "trace.jsonl"

    said = complaint("simulate", "ws://a", "--id", "CP7", "--state", str(tmp_path), "--trace", str(trace))

    assert (
        said == f"--trace: '{trace}' cannot be written: no such file or directory; name a file that this user may write"
    )
    SqliteStore(tmp_path / "CP7.sqlite").close()


def test_traceback_is_for_those_who_ask() -> None:
    result = run("simulate", "http://a", "--id", "CP7", "--debug")

    assert result.exit_code == 1
    assert "Traceback (most recent call last)" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("ocpp16cp: 'http://a' does not begin with")
