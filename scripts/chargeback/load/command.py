"""The `chargeback load` command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chargeback.errors import ChargebackError
from chargeback.load.batches import MAX_LINE_BYTES
from chargeback.load.file_loader import Options
from chargeback.load.privacy import checked_keys
from chargeback.load.run import load_folder
from chargeback.load.summary import BarProgress, print_report
from chargeback.project import Project
from chargeback.warehouse import open_warehouse


def load(
    raw_dir: Annotated[
        Path | None,
        typer.Option(help="Folder with one folder of files per source. Default: data/raw."),
    ] = None,
    target: Annotated[str | None, typer.Option(help="dbt target to load into.")] = None,
    profiles_dir: Annotated[Path | None, typer.Option(help="Folder of profiles.yml.")] = None,
    keep_emails: Annotated[
        bool, typer.Option("--keep-emails", help="Keep e-mail addresses of users.")
    ] = False,
    keep_attribute: Annotated[
        list[str] | None,
        typer.Option(
            envvar="CHARGEBACK_KEEP_ATTRIBUTES",
            help="Keep this span attribute or metadata key too (* for any text; repeat it).",
        ),
    ] = None,
    max_line_mb: Annotated[
        int,
        typer.Option(
            min=1,
            max=64,
            help="Longest line that is read, in MiB. Files that were loaded are not read again.",
        ),
    ] = MAX_LINE_BYTES // 1024**2,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on rejects, and on folders of unknown sources.")
    ] = False,
) -> None:
    """Load the files of data/raw/<source>/ into the raw tables, each content once."""
    console = Console(highlight=False)
    keys = [key for text in keep_attribute or [] for key in text.replace(",", " ").split()]
    project = Project.find(target=target, profiles_dir=profiles_dir)
    # Tags that ownership rules match on must reach the warehouse.
    keys += [str(key) for key in project.variables.get("rule_tags") or []]
    options = Options(keep_emails, tuple(checked_keys(keys)), max_line_mb * 1024**2)
    if raw_dir and not raw_dir.is_dir():
        raise ChargebackError(f"there is no folder {raw_dir}")
    with open_warehouse(project) as warehouse, BarProgress(console) as progress:
        report = load_folder(warehouse, raw_dir or project.raw_dir, options, progress)
    print_report(report, console)
    if report.failed or report.discovery.unreadable:
        count = len(report.failed) + len(report.discovery.unreadable)
        files = "file" if count == 1 else "files"
        raise ChargebackError(f"{count} {files} could not be read, load again to try once more")
    if strict and (report.rejected_count or report.discovery.unknown_sources):
        raise ChargebackError("--strict: there are rejects or unknown sources, see above")
