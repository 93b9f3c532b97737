"""`chargeback prices refresh` and `chargeback prices check`."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chargeback.errors import ChargebackError
from chargeback.prices.allowances import check_allowances
from chargeback.prices.book import PriceRow, read_book
from chargeback.prices.check import Finding, check_book
from chargeback.prices.check_names import check_names, read_deployed
from chargeback.prices.overrides import FILE as OVERRIDES
from chargeback.prices.overrides import check_overrides
from chargeback.prices.refresh import SeedPaths, refresh
from chargeback.prices.refresh_report import as_data, as_lines
from chargeback.prices.unpriced import UnpricedModel, unpriced_models
from chargeback.project import Project
from chargeback.warehouse import open_warehouse

SEEDS = Path("seeds") / "reference"
COMPANY = "company"
DEPLOYMENTS = "model_deployments.csv"
LISTED = 20

prices_app = typer.Typer(
    help="Refresh and check the price book.", no_args_is_help=True, add_completion=False
)
console = Console(highlight=False, soft_wrap=True, emoji=False)

SeedsOption = Annotated[
    Path | None, typer.Option("--seeds", help="Folder of the seeds. Default: seeds/reference.")
]


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"


@prices_app.command("refresh")
def refresh_command(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would change; write nothing.")
    ] = False,
    day: Annotated[
        str | None,
        typer.Option("--date", help="Day changed prices start (YYYY-MM-DD). Default: today, UTC."),
    ] = None,
    rewrite: Annotated[
        list[str] | None,
        typer.Option(
            "--rewrite",
            metavar="PROVIDER/MODEL",
            help="Take this model's past from the source too: old events are rated anew.",
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="List everything.")] = False,
    output: Annotated[
        Format, typer.Option("--format", help="text, or json with everything for scripts.")
    ] = Format.TEXT,
    seeds: SeedsOption = None,
) -> None:
    """Make price_book, model_aliases and model_tiers from genai-prices, LiteLLM and curated rows.

    Prices of the past stay; a changed price is a new row from the day of the refresh.
    """
    result = refresh(_paths(seeds), _day(day), rewrite, dry_run)
    if output is Format.JSON:
        typer.echo(json.dumps(as_data(result, dry_run), indent=2))
        return
    for line in as_lines(result, dry_run, None if verbose else LISTED):
        console.print(line, markup=False)


@prices_app.command("check")
def check_command(
    warehouse: Annotated[
        bool, typer.Option("--warehouse", help="Also list models in use without a price.")
    ] = False,
    target: Annotated[
        str | None, typer.Option("--target", help="dbt target of the warehouse.")
    ] = None,
    profiles_dir: Annotated[
        Path | None, typer.Option("--profiles-dir", help="Folder with profiles.yml.")
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept", metavar="PROVIDER/MODEL", help="This model's odd-looking prices are right."
        ),
    ] = None,
    seeds: SeedsOption = None,
) -> None:
    """Find overlaps, gaps, duplicates, wrong units and bad names in the seeds of prices.

    The company's own prices and free allowances too. Prints file, row and column of each finding;
    exit code 1 when there is one.
    """
    paths = _paths(seeds)
    rows = read_book(paths.price_book)
    if not rows:
        raise ChargebackError(f"{paths.price_book} is empty: run chargeback prices refresh")
    found = check_book(rows, accept or ())
    found += check_names(rows, paths.aliases, paths.providers, paths.tiers)
    found += check_allowances(paths.allowances, {(row.provider, row.model) for row in rows})
    found += _check_company(paths.folder.parent / COMPANY, rows)
    for finding in found:
        console.print(_line(finding), markup=False)
    missing: list[UnpricedModel] = []
    if warehouse:
        project = Project.find(target=target, profiles_dir=profiles_dir)
        with open_warehouse(project, read_only=True) as connection:
            missing = unpriced_models(connection, rows)
        _print_unpriced(missing)
    if found or missing:
        console.print(f"{len(found)} findings, {len(missing)} models in use without a price")
        raise typer.Exit(1)
    models = len({(row.provider, row.model) for row in rows})
    console.print(f"{len(rows):,} prices of {models:,} models: no findings")


def _paths(seeds: Path | None) -> SeedPaths:
    return SeedPaths(seeds or Project.find().root / SEEDS)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ChargebackError(f"--date {text}: write a day like 2026-01-31") from error


def _check_company(folder: Path, rows: list[PriceRow]) -> list[Finding]:
    return check_overrides(folder / OVERRIDES, rows, read_deployed(folder / DEPLOYMENTS))


def _line(finding: Finding) -> str:
    return f"{finding.file} row {finding.row}, column {finding.column}: {finding.message}"


def _print_unpriced(models: list[UnpricedModel]) -> None:
    if not models:
        console.print("every model in use has a price")
        return
    table = Table("provider", "model", "events", "tokens", "share", "names like it")
    for model in models:
        table.add_row(
            model.provider,
            model.model,
            f"{model.event_count:,}",
            f"{model.tokens:,}",
            "-" if model.token_share is None else f"{model.token_share:.1%}",
            ", ".join(model.nearest) or "-",
        )
    console.print(table)
