"""What `chargeback load` prints: a progress bar, and a table at the end."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from difflib import get_close_matches
from pathlib import Path

from rich import box
from rich import progress as rich_progress
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from chargeback.load.discover import SourceFile
from chargeback.load.run import FAILED, LOADED, REFUSED, SKIPPED, FileResult, LoadReport, Progress
from chargeback.load.tables import SOURCES
from chargeback.sample.manifest import MANIFEST, sample_files

_FILES_SHOWN = 20
_PROBLEMS_SHOWN = 5
_ADVICE = (
    f"Put log files into its folders ({', '.join(SOURCES)}), "
    "or run `chargeback sample` for those of a made-up company"
)


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
            disable=not console.is_terminal,
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
    """Warnings, what was skipped or rejected and why, and counts per source and table."""
    found = report.discovery
    for name in found.unknown_sources:
        _warn(console, _unknown(found.raw_dir, name))
    for name, reason in found.unreadable.items():
        _warn(console, f"{name} could not be read: {reason}")
    for source in found.empty_sources:
        _say(console, f"{found.raw_dir / source} has no files to load")
    if found.ignored:
        count = _files(len(found.ignored))
        _say(console, f"{count} left out: hidden, notes, schemas or unfinished")
    _print_results(report, console)
    _print_mixture(report, console)
    if report.results:
        if all(result.state == SKIPPED for result in report.results):
            _say(console, "nothing new: every file is empty or was loaded before")
        console.print(_table(report))
    elif not found.raw_dir.exists():
        _say(console, f"there is no folder {found.raw_dir} yet. {_ADVICE}")
    else:
        _say(console, f"there is nothing to load in {found.raw_dir}. {_ADVICE}")


def _unknown(raw_dir: Path, name: str) -> str:
    close = get_close_matches(name.rstrip("/").lower(), SOURCES, n=1)
    hint = f"did you mean {close[0]}/?" if close else f"sources are {', '.join(SOURCES)}"
    if not name.endswith("/"):
        return f"{raw_dir / name} was not read: it is in no source's folder ({', '.join(SOURCES)})"
    return f"{raw_dir / name}/ was not read: it is no known source ({hint})"


def _print_results(report: LoadReport, console: Console) -> None:
    _print_changed([result for result in report.results if result.is_changed], console)
    told = [result for result in report.results if result.message or result.problems]
    for result in told[:_FILES_SHOWN]:
        _print_result(result, console)
    if len(told) > _FILES_SHOWN:
        _say(console, f"and {_files(len(told) - _FILES_SHOWN)} more with messages, see raw.loads")
    if report.rejected_count:
        what = "reject is" if report.rejected_count == 1 else "rejects are"
        _warn(console, f"{report.rejected_count:,} {what} in the table raw.rejects")


def _print_mixture(report: LoadReport, console: Console) -> None:
    """Warn of files beside those of the made-up company."""
    made_up = set(sample_files(report.discovery.raw_dir))
    if not made_up:
        return
    others = [file for file in report.discovery.files if file.path.resolve() not in made_up]
    if others and len(others) < len(report.discovery.files):
        folder = report.discovery.raw_dir
        _warn(
            console,
            f"{others[0].name} lies beside the logs of the made-up company, and costs are of both. "
            f"To start over with yours, delete the files that {folder / MANIFEST} lists, and the "
            "warehouse",
        )


def _print_changed(results: list[FileResult], console: Console) -> None:
    if not results:
        return
    name, count = results[0].file.name, len(results) - 1
    more = f" and {_files(count)} more" if count else ""
    text = (
        "changed since they were loaded before" if count else "changed since it was loaded before"
    )
    _say(console, f"{name}{more}: {text}; rows that came before will count once")


def _print_result(result: FileResult, console: Console) -> None:
    name = result.file.name
    if result.state in (REFUSED, FAILED):
        _warn(console, f"{name} was not loaded: {result.message}")
        return
    if result.message:
        _say(console, f"{name}: {result.state}, {result.message}")
    if not result.problems:
        return
    _warn(console, f"{name}: {result.loaded_count:,} loaded, {result.rejected_count:,} rejected")
    for problem in result.problems[:_PROBLEMS_SHOWN]:
        reject = problem.first
        more = f" and {problem.count - 1:,} more" if problem.count > 1 else ""
        shown = reject.reason_code == "invalid_value" and reject.excerpt
        value = f" ({reject.excerpt})" if shown else ""
        where = f"{problem.unit} {reject.line_number:,}{more}"
        _warn(console, f"  {where}: {reject.reason}{value}", "")
    if len(result.problems) > _PROBLEMS_SHOWN:
        _warn(console, f"  and {len(result.problems) - _PROBLEMS_SHOWN} more kinds", "")


def _files(count: int) -> str:
    return f"{count:,} file" if count == 1 else f"{count:,} files"


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def _warn(console: Console, text: str, prefix: str = "warning: ") -> None:
    console.print(prefix + text, style="yellow", markup=False, soft_wrap=True)


def _table(report: LoadReport) -> RichTable:
    groups: dict[str, list[FileResult]] = {}
    for result in report.results:
        if result.state == FAILED:
            continue
        name = result.table_name or f"{result.file.source}, unknown"
        groups.setdefault(name, []).append(result)
    # The name of a table begins with its source's: a column for the source would push the numbers
    # of large loads over the edge of a terminal with 80 columns.
    table = RichTable(box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    table.add_column("table", no_wrap=True)
    for name in ("files", "rows", "loaded", "rejected", "skipped"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, results in groups.items():
        read = [r for r in results if r.state in (LOADED, REFUSED)]
        numbers = (
            len(read),
            sum(r.row_count for r in read),
            sum(r.loaded_count for r in read),
            sum(r.rejected_count for r in read),
            sum(r.state == SKIPPED for r in results),
        )
        table.add_row(name, *(f"{number:,}" for number in numbers))
    return table
