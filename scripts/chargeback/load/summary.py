"""What `chargeback load` prints: a progress bar, and a table at the end."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from rich import progress as rich_progress
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from chargeback.load.discover import SourceFile
from chargeback.load.run import LOADED, REFUSED, SKIPPED, FileResult, LoadReport, Progress
from chargeback.load.tables import SOURCES

_MESSAGES_SHOWN = 20


class BarProgress(Progress, AbstractContextManager["BarProgress"]):
    """A bar by bytes of files, with the name of the one that is read."""

    def __init__(self, console: Console) -> None:
        self.bar = rich_progress.Progress(
            rich_progress.TextColumn("{task.description}"),
            rich_progress.BarColumn(),
            rich_progress.DownloadColumn(),
            rich_progress.TransferSpeedColumn(),
            rich_progress.TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self.done = 0
        self.file_end = 0

    def __enter__(self) -> BarProgress:
        self.bar.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self.bar.__exit__(*details)

    def start(self, files: Iterable[SourceFile]) -> None:
        self.task = self.bar.add_task("loading", total=sum(file.byte_count for file in files))

    def begin(self, file: SourceFile) -> None:
        self.file_end += file.byte_count
        self.bar.update(self.task, description=escape(file.name))

    def advance(self, byte_count: int) -> None:
        self.done = min(self.done + byte_count, self.file_end)
        self.bar.update(self.task, completed=self.done)

    def end(self, result: FileResult) -> None:
        self.done = self.file_end
        self.bar.update(self.task, completed=self.done)


def print_report(report: LoadReport, console: Console) -> None:
    """Warnings, what was skipped or refused and why, and counts per source and table."""
    found = report.discovery
    for name in found.unknown_sources:
        known = ", ".join(SOURCES)
        _warn(console, f"data/raw/{name} is no known source and was not read (known: {known})")
    for name in found.unreadable:
        _warn(console, f"{name} could not be read")
    for source in found.empty_sources:
        console.print(f"{source}: the folder is empty", markup=False)
    if found.ignored:
        console.print(f"{len(found.ignored)} files are no data (hidden, notes, unfinished)")
    _print_messages(report, console)
    if report.results:
        console.print(_table(report))
    elif not found.empty_sources and not found.unknown_sources:
        console.print("there are no files to load", markup=False)


def _print_messages(report: LoadReport, console: Console) -> None:
    told = [result for result in report.results if result.message]
    for result in told[:_MESSAGES_SHOWN]:
        text = f"{result.file.name}: {result.state}, {result.message}"
        if result.state in (LOADED, SKIPPED):
            console.print(text, markup=False)
        else:
            _warn(console, text)
    if len(told) > _MESSAGES_SHOWN:
        console.print(f"and {len(told) - _MESSAGES_SHOWN} more, see raw.loads", markup=False)
    if report.rejected_count:
        _warn(console, f"{report.rejected_count:,} rejects: see raw.rejects for line and reason")


def _warn(console: Console, text: str) -> None:
    console.print(f"warning: {text}", style="yellow", markup=False)


def _table(report: LoadReport) -> RichTable:
    groups: dict[tuple[str, str], list[FileResult]] = {}
    for result in report.results:
        name = result.table_name or ("" if result.state != SKIPPED else "loaded before")
        groups.setdefault((result.file.source, name), []).append(result)
    table = RichTable(title="Loaded", title_justify="left")
    table.add_column("source")
    table.add_column("table")
    for name in ("files", "rows", "loaded", "rejected", "skipped files"):
        table.add_column(name, justify="right")
    for (source, name), results in groups.items():
        read = [r for r in results if r.state in (LOADED, REFUSED)]
        numbers = (
            len(read),
            sum(r.row_count for r in read),
            sum(r.loaded_count for r in read),
            sum(r.rejected_count for r in read),
            sum(r.state == SKIPPED for r in results),
        )
        table.add_row(source, name, *(f"{number:,}" for number in numbers))
    return table
