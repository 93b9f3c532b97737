"""The `chargeback bench` command."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chargeback.errors import ChargebackError
from chargeback.project import Project

FEWEST, MOST = 1_000, 100_000_000
_MOST_DAYS = 5


def bench(
    events: Annotated[
        list[int] | None,
        typer.Option(help="About how many gateway events. Repeatable.", show_default="1000000"),
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=_MOST_DAYS, help="Days to add, one by one, after the build.")
    ] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of DuckDB and of dbt.")] = 2,
    tests: Annotated[bool, typer.Option(help="Measure dbt test too.")] = True,
    keep: Annotated[
        Path | None,
        typer.Option(help="Empty folder to work in and leave as it is; else a temporary one."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write every figure to this file.")
    ] = None,
) -> None:
    """Measure load and build on sample logs, beside one hand-written DuckDB script.

    Makes its own logs and warehouse; yours are not touched. Every step is a process of its own: the
    table has its time on the clock (wall), its CPU time and its largest memory. Exit code 1 when
    the script and the project differ.
    """
    from chargeback.bench.run import Options, run_bench
    from chargeback.bench.show import as_json, print_result

    sizes = events or [1_000_000]
    for size in sizes:
        if not FEWEST <= size <= MOST:
            raise ChargebackError(f"--events {size}: give a number from {FEWEST:,} to {MOST:,}")
    if json_file and not json_file.resolve().parent.is_dir():
        raise ChargebackError(f"--json {json_file}: there is no such folder")
    project = Project.find()
    options = Options(days, threads, tests)
    console = Console(highlight=False)
    folder = keep.resolve() if keep else Path(tempfile.mkdtemp(prefix="chargeback-bench-"))
    results = []
    try:
        for size in sizes:
            place = folder / str(size)
            with console.status("") as status:
                result = run_bench(
                    project,
                    size,
                    place,
                    options,
                    lambda step, n=size: status.update(f"{n:,}: {step}"),
                    lambda step, usage: console.print(
                        f"[dim]{step}: {usage.wall_s:,.0f} s, {usage.peak_mb:,.0f} MB[/dim]"
                    ),
                )
            results.append(result)
            print_result(console, result)
            if json_file:
                text = json.dumps(as_json(results, options), indent=1, default=str)
                json_file.write_text(text + "\n", encoding="utf-8")
            if keep is None:
                shutil.rmtree(place)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    if not all(result.is_same for result in results):
        raise ChargebackError("the script's tables differ from the project's, see above")
