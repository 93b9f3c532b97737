"""The command line: help, lazy commands, and one-line errors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chargeback import cli


def _run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chargeback.cli", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_the_commands_without_importing_them() -> None:
    done = _run("--help")
    assert done.returncode == 0
    for name in cli.COMMANDS:
        assert f"  {name}" in done.stdout
    imported = (
        "import sys, chargeback.cli; print({'duckdb', 'great_expectations'} & set(sys.modules))"
    )
    check = subprocess.run(
        [sys.executable, "-c", imported], capture_output=True, text=True, check=True
    )
    assert check.stdout == "set()\n"


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_has_help(name: str) -> None:
    command = cli._load(name)
    assert command.name == name
    assert command.help


def test_an_error_is_one_line_and_exit_code_1(tmp_path: Path, clean_env: object) -> None:
    done = _run("build", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: no dbt_project.yml in ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_unknown_command() -> None:
    done = _run("nothing")
    assert done.returncode == 2
    assert "No such command 'nothing'" in done.stderr


def test_engine_errors_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    import duckdb

    with pytest.raises(duckdb.CatalogException) as caught:
        duckdb.sql("select * from nothing")
    message = cli._engine_message(caught.value)
    assert message is not None
    assert "run ./scripts/build" in message
    assert cli._engine_message(ValueError("ours")) is None
