"""`chargeback report`: cost per team and feature, with every row accounted for."""

from __future__ import annotations

import os
import shlex
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chargeback.errors import ChargebackError
from chargeback.project import Project
from chargeback.report.model import Period, Report
from chargeback.warehouse import DUCKDB, open_warehouse

MAX_WIDTH = 120


class Format(StrEnum):
    """How the report is written."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


def report(
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", help="dbt target; default as in profiles.yml."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="First day (UTC), such as 2026-06-01.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day (UTC), included.")] = None,
    team: Annotated[
        str | None, typer.Option(help="Id of one team: its features instead of all teams.")
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", "-f", help="How to write it.")
    ] = Format.TABLE,
    svg: Annotated[
        Path | None, typer.Option(help="Draw the table into this SVG file instead.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Rows before the rest is summed up.")] = 20,
) -> None:
    """Print what each team spent, on which features, and the account of rows."""
    from chargeback.report.machine import as_json, as_markdown
    from chargeback.report.terminal import print_report

    period = parse_period(first, last)
    project = Project.find(target=target)
    found = run_report(project, period, team)
    if svg is not None:
        from chargeback.report.picture import write_svg

        write_svg(svg, found, top, next_lines(project, found))
        typer.echo(f"wrote {svg}")
    elif output == Format.JSON:
        typer.echo(as_json(found))
    elif output == Format.MARKDOWN:
        typer.echo(as_markdown(found, top))
    else:
        console = Console(highlight=False)
        console.width = min(console.width, MAX_WIDTH)
        print_report(console, found, top, next_lines(project, found))


def run_report(
    project: Project, period: Period | None = None, team_id: str | None = None
) -> Report:
    """Read a report from the project's warehouse. Raises ChargebackError when there is none."""
    from chargeback.report.query import read_report

    with open_warehouse(project, read_only=True) as warehouse:
        return read_report(warehouse, period, team_id)


def parse_period(first: str | None, last: str | None) -> Period:
    """Days as `YYYY-MM-DD`, both included. Raises ChargebackError naming the option at fault."""
    period = Period(_day("--from", first), _day("--to", last))
    if period.first and period.last and period.first > period.last:
        raise ChargebackError(f"--from {period.first} is after --to {period.last}")
    return period


def next_lines(project: Project, found: Report) -> list[str]:
    """Where to go from here: paths and commands that work from the current folder."""
    here = Path.cwd()
    programs = Path(sys.executable).parent
    prefix = f"{_shown(programs, here)}{os.sep}" if programs.is_relative_to(project.root) else ""
    gate = project.root / "target" / "quality_gate" / "index.html"
    where = f"schema {project.schema}"
    if project.profile.get("type") == DUCKDB:
        where += f" of {_shown(project.duckdb_path, here)}"
    quality = _shown(gate, here) if gate.is_file() else f"{prefix}chargeback gate"
    lines = [
        f"  Quality gate  {quality}",
        f"  dbt docs      {prefix}dbt docs generate && {prefix}dbt docs serve",
    ]
    if found.team_id is None and found.rows:
        lines.append(
            f"  One team      {prefix}chargeback report --team {shlex.quote(found.rows[0].id)}"
        )
    lines += [
        f'  Your SQL      {prefix}dbt show --inline "',
        "                select team_id, round(sum(contracted_cost_usd), 2) as cost_usd",
        "                from {{ ref('fct_team_daily_costs') }}",
        '                group by 1 order by 2 desc" --limit -1',
        "  Marts         fct_usage_events, fct_team_daily_costs, fct_tag_coverage, ...",
        f"                in {where}",
    ]
    return lines


def _shown(path: Path, here: Path) -> str:
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ChargebackError(f"{option} must look like 2026-06-01, not {text!r}") from error
