"""`chargeback gate`: is what was built fit to charge for?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chargeback.errors import ChargebackError
from chargeback.gate.measure import Schemas, measure, utc_naive
from chargeback.gate.settings import FILE_NAME, read_settings
from chargeback.gate.summary import Summary
from chargeback.project import Project
from chargeback.warehouse import open_warehouse

SITE = Path("target") / "quality_gate"
RESULT = "result.json"
_ONE_DAY = timedelta(days=1)


def gate(
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", help="dbt target; default as in profiles.yml."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Count ages from this date or time (UTC) instead of now."),
    ] = None,
    critical: Annotated[
        list[str] | None,
        typer.Option(help="Fail on a warning of this check, such as freshness. Repeatable."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help=f"File with the limits; default {FILE_NAME}.")
    ] = None,
) -> None:
    """Check what was built: tags, coverage, rows, freshness, prices, conservation.

    Exit code 0: fit. 3: a critical check failed. 1: could not be checked.
    """
    from chargeback.gate.terminal import print_summary

    project = Project.find(target=target)
    summary = run_gate(
        project,
        config=config,
        as_of=parse_as_of(as_of) if as_of else None,
        critical=critical or (),
    )
    site = shown_path(project.root / SITE)
    print_summary(Console(highlight=False), summary, f"{site}/index.html", f"{site}/{RESULT}")
    if summary.exit_code:
        raise typer.Exit(summary.exit_code)


def run_gate(
    project: Project,
    config: Path | None = None,
    as_of: datetime | None = None,
    critical: Sequence[str] = (),
) -> Summary:
    """Measure, validate, and write Data Docs and result.json to target/quality_gate.

    `as_of` is the moment that ages count from, default now. Raises ChargebackError when there is
    nothing to check or the limits are wrong.
    """
    from chargeback.gate import site

    now = datetime.now(UTC).replace(tzinfo=None)
    settings = read_settings(config or project.root / FILE_NAME, critical)
    schemas = Schemas(
        marts=project.schema,
        raw=project.raw_schema,
        as_of=utc_naive(as_of) if as_of else now,
        sources_off=sources_off(project),
    )
    site_dir = project.root / SITE
    site.clear(site_dir)
    (site_dir / RESULT).unlink(missing_ok=True)
    with open_warehouse(project, read_only=True) as warehouse:
        measured = measure(warehouse, settings, schemas)
    # Slow to import, so only once there is something to validate.
    from chargeback.gate.validate import validate

    try:
        verdicts = validate(project, measured, site_dir)
    except ModuleNotFoundError as error:
        raise ChargebackError(
            f"the quality gate needs the Python package {error.name!r}: run ./scripts/build, "
            "or install what pyproject.toml lists"
        ) from error
    summary = Summary(verdicts, measured.platform_owner, checked_at=now, as_of=schemas.as_of)
    site.finish(site_dir, summary)
    content = json.dumps(summary.as_json(), indent=2, ensure_ascii=False)
    (site_dir / RESULT).write_text(content + "\n", encoding="utf-8")
    return summary


def sources_off(project: Project) -> tuple[str, ...]:
    """Sources that `vars: llm_chargeback: sources` of dbt_project.yml switches off."""
    sources = project.variables.get("sources") or {}
    return tuple(str(name) for name, is_on in sources.items() if not is_on)


def parse_as_of(text: str) -> datetime:
    """A date (its end) or a time; without a zone it is UTC.

    >>> parse_as_of("2026-06-30")
    datetime.datetime(2026, 7, 1, 0, 0)
    """
    try:
        if len(text) == len("2026-06-30"):
            return datetime.fromisoformat(f"{text}T00:00:00") + _ONE_DAY
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise ChargebackError(
            f"--as-of must look like 2026-06-30 or 2026-06-30T12:00, not {text!r}"
        ) from error


def shown_path(path: Path) -> str:
    """A path as the reader would type it: relative to the current folder when it is below."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
