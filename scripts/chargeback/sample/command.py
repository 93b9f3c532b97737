"""`chargeback sample`: write the logs of the made-up company."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from chargeback.errors import ChargebackError
from chargeback.load.tables import TABLES
from chargeback.project import Project
from chargeback.sample.company import build_company
from chargeback.sample.generate import Counts, generate
from chargeback.sample.plan import (
    DEFAULT_DAYS,
    DEFAULT_END,
    DEFAULT_EVENTS,
    DEFAULT_SEED,
    make_plan,
)  # fmt: skip
from chargeback.warehouse import DUCKDB, open_warehouse


def sample(
    days: Annotated[int, typer.Option(help="Number of days.")] = DEFAULT_DAYS,
    events: Annotated[int, typer.Option(help="About how many usage events.")] = DEFAULT_EVENTS,
    seed: Annotated[int, typer.Option(help="Same seed, same files.")] = DEFAULT_SEED,
    end_date: Annotated[str, typer.Option(help="Last day.")] = DEFAULT_END.isoformat(),
    start_date: Annotated[
        str, typer.Option(help="First day, to add days to a company written before.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to.", show_default="data/raw")
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace what an earlier run wrote.")] = False,
    if_none: Annotated[
        bool,
        typer.Option(
            "--if-none",
            help="Only into a warehouse without logs, and with the made-up company's own seeds.",
        ),
    ] = False,
    workers: Annotated[
        int, typer.Option(help="Processes; 0 takes what pays.", min=0, hidden=True)
    ] = 0,
) -> None:
    """Write the logs of a made-up company in the formats of the real sources."""
    project = Project.find()
    end = _date("--end-date", end_date)
    start = _date("--start-date", start_date) if start_date else None
    plan = make_plan(days, events, seed, end, start)
    folder = (out or project.raw_dir).resolve()
    console = Console(highlight=False)
    against = _reason_against(project, plan.seed) if if_none else None
    if against:
        console.print(f"no sample logs are written: {against}", markup=False, soft_wrap=True)
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Writing the sample", total=None)
        counts = generate(
            plan,
            project.root,
            folder,
            force,
            workers or None,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    console.print(_summary(counts, f"{plan.first} to {plan.last}", folder))


def _reason_against(project: Project, seed: int) -> str | None:
    """Why logs of a made-up company would be wrong here, or None."""
    try:
        build_company(project.root, seed)
    except ChargebackError:
        return "the seeds describe another company, put its logs into data/raw/<source>/"
    if project.profile.get("type") == DUCKDB and not project.duckdb_path.exists():
        return None
    with open_warehouse(project, read_only=True) as warehouse:
        for table in TABLES:
            name = f'"{warehouse.raw_schema}"."{table.name}"'
            is_there = warehouse.has_relation(warehouse.raw_schema, table.name)
            if is_there and warehouse.query(f"select 1 from {name} limit 1"):
                return f"the warehouse has logs already ({warehouse.raw_schema}.{table.name})"
    return None


def _date(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ChargebackError(f"{option} {text}: give a date as YYYY-MM-DD") from error


def _summary(counts: Counts, period: str, folder: Path) -> str:
    return (
        f"Sample logs, {period}, in {folder}: {counts.spend_logs:,} gateway rows "
        f"({counts.reexported:,} of them exported twice), {counts.spans:,} trace spans, "
        f"{counts.retrievals:,} retrieval calls, {counts.outcomes:,} outcomes."
    )
