"""How a bench is shown: tables for people, JSON for programs."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.table import Table

from chargeback.bench.measure import Usage
from chargeback.bench.run import (
    AGAIN,
    HAND,
    LOAD,
    RUN,
    SEED,
    TABLES,
    TEST,
    AddedDay,
    Options,
    Result,
)  # fmt: skip


def ratios(result: Result) -> dict[str, float]:
    """The comparisons, each by wall and by CPU seconds.

    `tables`: `dbt run` of both tables / the script. `load_and_tables`: `chargeback load` and that
    `dbt run` / the script, which reads the files itself. `day`: load and `dbt run` of an added day
    (mean) / those of the first build. `day_alone`: the same, less a `dbt run` with nothing new,
    which is what dbt itself takes. `day_tested`: `day` with `dbt test`.
    """
    steps, found = result.steps, {}
    for unit in ("wall_s", "cpu_s"):

        def of(*usages: Usage | None, unit: str = unit) -> float:
            return sum(getattr(usage, unit) for usage in usages if usage)

        hand = of(steps[HAND])
        found[f"tables_{unit}"] = of(steps[TABLES]) / hand
        found[f"load_and_tables_{unit}"] = of(steps[LOAD], steps[TABLES]) / hand
        days = result.days
        if not days:
            continue
        full = of(steps[LOAD], steps[RUN])
        day = sum(of(d.load, d.run) for d in days) / len(days)
        found[f"day_{unit}"] = day / full
        if AGAIN in steps:
            found[f"day_alone_{unit}"] = max(day - of(steps[AGAIN]), 0) / full
        if TEST in steps:
            tested = sum(of(d.load, d.run, d.test) for d in days) / len(days)
            found[f"day_tested_{unit}"] = tested / (full + of(steps[TEST]))
    return {name: round(value, 4) for name, value in found.items()}


def machine(options: Options) -> dict[str, Any]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    packages = ("duckdb", "dbt-core", "dbt-duckdb", "llm-chargeback")
    return {
        "processors": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: _version(name) for name in packages},
        "threads": options.threads,
    }


def as_json(results: list[Result], options: Options) -> dict[str, Any]:
    """Everything measured. Seconds are wall or CPU as the key says, memory is in MB of 10^6."""
    return {
        "machine": machine(options),
        "sizes": [
            {**asdict(result), "is_same": result.is_same, "ratios": ratios(result)}
            for result in results
        ],
    }


def print_result(console: Console, result: Result) -> None:
    """Print one size: a row a step, then the comparisons."""
    count = result.event_count
    table = Table(title=f"{count:,} events, {result.raw_bytes / 1e6:,.0f} MB of logs")
    table.add_column("Step")
    for name in ("Wall s", "CPU s", "Peak MB", "Events/s (wall)"):
        table.add_column(name, justify="right")
    for name, usage in result.steps.items():
        if name == AGAIN:
            continue
        table.add_row(name, *_cells(usage), "" if name == SEED else _rate(count, usage))
    for day in result.days:
        table.add_section()
        title = f"{day.day}: {day.event_count:,} more"
        table.add_row(f"[bold]{title}", "", "", "", "")
        for name, usage in (("load", day.load), ("dbt run", day.run), ("dbt test", day.test)):
            if usage:
                table.add_row(f"  {name}", *_cells(usage), _rate(day.event_count, usage))
    if AGAIN in result.steps:
        table.add_section()
        table.add_row(AGAIN, *_cells(result.steps[AGAIN]), "")
    console.print(table)
    for line in summary_lines(result):
        console.print(line, markup=False, soft_wrap=True)


def summary_lines(result: Result) -> list[str]:
    """The comparisons as sentences that name their unit."""
    found = ratios(result)
    lines = [
        _sentence("dbt run of both tables takes", found, "tables", "x the script's time"),
        _sentence("load and that run take", found, "load_and_tables", "x the script's time"),
    ]
    if result.days:
        what = "one more day, loaded and run, takes"
        lines.append(_sentence(what, found, "day", "of the first load and run", share=True))
    if "day_alone_wall_s" in found:
        what = "  less a dbt run with nothing new:"
        lines.append(_sentence(what, found, "day_alone", "of the first load and run", share=True))
    if "day_tested_wall_s" in found:
        what = "one more day with dbt test takes"
        lines.append(
            _sentence(what, found, "day_tested", "of the first, with dbt test", share=True)
        )
    slow = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.models[:4])
    lines.append(f"slowest models (wall): {slow}")
    for when, items in (
        ("after the first build", result.first_differences),
        ("after the last day", result.last_differences),
    ):
        for item in items:
            state = (
                f"same {item.row_count:,} rows as the script's"
                if item.is_same
                else f"{item.only_built:,} rows only built, {item.only_by_hand:,} only by hand"
            )
            lines.append(f"{item.table} {when}: {state}")
    return lines


def _sentence(what: str, found: dict[str, float], key: str, of: str, share: bool = False) -> str:
    wall, cpu = found[f"{key}_wall_s"], found[f"{key}_cpu_s"]
    if share:
        return f"{what} {wall:.1%} (wall), {cpu:.1%} (CPU) {of}"
    return f"{what} {wall:.2f} (wall), {cpu:.2f} (CPU) {of}"


def _cells(usage: Usage) -> tuple[str, str, str]:
    return f"{usage.wall_s:,.1f}", f"{usage.cpu_s:,.1f}", f"{usage.peak_mb:,.0f}"


def _rate(count: int, usage: Usage) -> str:
    return f"{count / usage.wall_s:,.0f}" if usage.wall_s > 0 else ""


def _version(name: str) -> str | None:
    try:
        return version(name)
    except ImportError:
        return None


__all__ = ["AddedDay", "as_json", "machine", "print_result", "ratios", "summary_lines"]
