"""The command line: finds a command's module when it is called, and reports errors in one line."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from chargeback import __version__
from chargeback.errors import ChargebackError


@dataclass(frozen=True)
class _Lazy:
    """Where a command lives. `name` is a Typer function, or a Typer app with sub-commands."""

    module: str
    name: str
    help: str


COMMANDS = {
    "sample": _Lazy("chargeback.sample.command", "sample", "Write the logs of a made-up company."),
    "load": _Lazy("chargeback.load.command", "load", "Load log files into the raw tables."),
    "deps": _Lazy("chargeback.packages", "deps", "Install the dbt packages, or our stand-in."),
    "build": _Lazy("chargeback.build", "build", "Run dbt build: seeds, models and their tests."),
    "gate": _Lazy("chargeback.gate.command", "gate", "Check the quality of what was built."),
    "report": _Lazy("chargeback.report", "report", "Print the cost per team and feature."),
    "rules": _Lazy(
        "chargeback.ownership.command", "rules_app", "List and test the ownership rules."
    ),
    "explain": _Lazy("chargeback.ownership.command", "explain_app", "Explain whose an event is."),
    "prices": _Lazy("chargeback.prices.command", "prices_app", "Refresh and check the price book."),
    "bench": _Lazy("chargeback.bench.command", "bench", "Measure load and build."),
}


class _LazyGroup(TyperGroup):
    """Imports the module of a command only when that command is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return _load(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List the commands without importing them."""
        console = Console(highlight=False)
        console.print(f"chargeback {__version__}: {__doc_line__}\n")
        console.print("Usage: chargeback COMMAND [OPTIONS]\n")
        for name, command in COMMANDS.items():
            console.print(f"  [bold]{name:<8}[/bold] {command.help}")
        console.print("\nchargeback COMMAND --help describes a command.")


__doc_line__ = "cost of language-model usage per team and feature"


def _load(name: str) -> Any:
    command = COMMANDS[name]
    try:
        found = getattr(import_module(command.module), command.name)
    except ModuleNotFoundError as error:
        if error.name and command.module.startswith(error.name):
            raise ChargebackError(f"`chargeback {name}` is not part of this version") from error
        raise ChargebackError(
            f"`chargeback {name}` needs the Python package {error.name!r}: "
            "run ./scripts/build, or pip install it"
        ) from error
    if isinstance(found, typer.Typer):
        result = typer.main.get_command(found)
    else:
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name=name)(found)
        result = typer.main.get_command(single)
    result.name = name
    return result


app = typer.Typer(
    cls=_LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback(no_args_is_help=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        typer.echo(f"chargeback {__version__}")
        raise typer.Exit


def main() -> None:
    """Entry point of the `chargeback` command."""
    try:
        app()
    except ChargebackError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("stopped", code=130)
    except Exception as error:
        message = _engine_message(error)
        if message is None:
            raise
        fail(message)


def fail(message: str, code: int = 1) -> None:
    """Print one red line to standard error and exit."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"error: {message}", style="red", markup=False
    )
    sys.exit(code)


def _engine_message(error: Exception) -> str | None:
    """What an engine's error means to a user, or None when it is a defect of ours."""
    engine = type(error).__module__.split(".", maxsplit=1)[0].lstrip("_")
    if engine not in ("duckdb", "psycopg"):
        return None
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if type(error).__name__ in ("CatalogException", "UndefinedTable", "InvalidSchemaName"):
        return f"{first_line} (is the warehouse built? run ./scripts/build)"
    return f"the warehouse refused: {first_line}"


if __name__ == "__main__":
    main()
