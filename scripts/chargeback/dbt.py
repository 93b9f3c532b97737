"""Runs dbt as a subprocess and shows progress instead of its log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chargeback.errors import ChargebackError
from chargeback.project import Project

_LINE_EVERY_SECONDS = 15.0
_SHOWN_PROBLEMS = 20
_BAD = ("error", "fail", "runtime error")


@dataclass
class DbtResult:
    """What a dbt run did. `counts` is by (resource type, status), such as ('model', 'success')."""

    exit_code: int
    seconds: float
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def count(self, resource_type: str | None = None, statuses: Iterable[str] = ()) -> int:
        """Nodes of a type (default: all) with one of the statuses (default: any)."""
        wanted = set(statuses)
        return sum(
            number
            for (kind, status), number in self.counts.items()
            if resource_type in (None, kind) and (not wanted or status in wanted)
        )

    def summary(self) -> str:
        """One line: what was built and checked, and how it went."""
        kinds = {"seed": "seed", "model": "model", "test": "test", "unit_test": "unit test"}
        counts = [(self.count(kind), word) for kind, word in kinds.items()]
        parts = [f"{number} {word}{'s' * (number != 1)}" for number, word in counts if number]
        ends = [
            f"{self.count(None, statuses)} {word}"
            for word, statuses in (
                ("ok", ("success", "pass")),
                ("with a warning", ("warn",)),
                ("failed", _BAD),
                ("skipped", ("skipped",)),
            )
            if self.count(None, statuses) or word == "ok"
        ]
        return f"{', '.join(parts) or 'nothing to do'}: {', '.join(ends)}"


def dbt_environment(project: Project) -> dict[str, str]:
    """Environment of a dbt process: this one, without tracking, in UTC."""
    return {
        **os.environ,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PGTZ": "UTC",
        "PYTHONUNBUFFERED": "1",
        "CHARGEBACK_PROJECT_DIR": str(project.root),
    }


def dbt_command(arguments: Sequence[str]) -> list[str]:
    """The command that runs dbt with this Python, whatever is on the PATH."""
    return [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *arguments]


def target_path(project: Project) -> Path:
    """Folder where dbt leaves its artefacts."""
    named = os.environ.get("DBT_TARGET_PATH") or project.settings.get("target-path") or "target"
    return project.root / named


def run_dbt(
    project: Project,
    command: str,
    arguments: Sequence[str] = (),
    console: Console | None = None,
) -> DbtResult:
    """Run `dbt <command>` on the project's target with a progress bar.

    The full log goes to logs/dbt.log. A run with failures is returned, not raised; ChargebackError
    means that dbt could not start or could not read the project.
    """
    console = console or Console(highlight=False)
    started = time.time()
    line = [
        *("--log-format", "json", "--no-use-colors", command),
        *("--project-dir", str(project.root), "--profiles-dir", str(project.profiles_dir)),
        *("--target", project.target),
        *arguments,
    ]
    errors: list[str] = []
    with (
        subprocess.Popen(
            dbt_command(line),
            cwd=project.root,
            env=dbt_environment(project),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process,
        _ProgressView(console, command) as view,
    ):
        try:
            for text in process.stdout or ():
                event = _parse(text)
                if event is None:
                    errors.append(text.rstrip())
                    continue
                if event["info"].get("level") == "error":
                    errors.append(str(event["info"].get("msg", "")).rstrip())
                view.show(event)
        except BaseException:
            process.terminate()
            raise
    exit_code = process.returncode
    result = DbtResult(exit_code, time.time() - started)
    _read_results(target_path(project) / "run_results.json", started, result)
    if exit_code and not result.problems:
        said = "\n".join(line for line in errors[-_SHOWN_PROBLEMS:] if line)
        raise ChargebackError(f"dbt {command} stopped (full log: logs/dbt.log)\n{said}")
    return result


def print_problems(result: DbtResult, console: Console) -> None:
    """Print the failures and warnings of a run, one or two lines each."""
    for title, items, style in (
        ("warning", result.warnings, "yellow"),
        ("failed", result.problems, "red"),
    ):
        for item in items[:_SHOWN_PROBLEMS]:
            console.print(f"{title}: {item}", style=style, markup=False)
        if len(items) > _SHOWN_PROBLEMS:
            console.print(f"... and {len(items) - _SHOWN_PROBLEMS} more in logs/dbt.log")


class _ProgressView:
    """A bar on a terminal; elsewhere a line now and then."""

    def __init__(self, console: Console, command: str) -> None:
        self.console = console
        self.command = command
        self.done = 0
        self.total = 0
        self.bad = 0
        self.last_line = time.monotonic()
        self.progress: Progress | None = None
        if console.is_terminal:
            self.progress = Progress(
                TextColumn("dbt {task.fields[command]}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.description}", markup=False),
                console=console,
                transient=True,
            )
            self.task = self.progress.add_task("reading the project", total=None, command=command)

    def __enter__(self) -> _ProgressView:
        if self.progress:
            self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.progress:
            self.progress.stop()

    def show(self, event: dict[str, Any]) -> None:
        data = event.get("data", {})
        node = data.get("node_info") or {}
        status = str(node.get("node_status", ""))
        # dbt's own count leaves out the unit tests, so they are not counted here either.
        if event["info"].get("name") == "ConcurrencyLine":
            self.total = int(data.get("node_count", 0))
        is_ended = bool(data.get("index")) and status not in ("", "None", "started")
        finished = is_ended and node.get("resource_type") != "unit_test"
        self.bad += is_ended and status in _BAD
        self.done += finished
        if self.progress:
            name = str(node.get("node_name", ""))[:50] if status == "started" else None
            self.progress.update(
                self.task,
                total=self.total or None,
                completed=self.done,
                **({"description": name} if name else {}),
            )
        elif self.total and finished and time.monotonic() - self.last_line > _LINE_EVERY_SECONDS:
            self.last_line = time.monotonic()
            bad = f", {self.bad} failed" if self.bad else ""
            self.console.print(f"dbt {self.command}: {self.done} of {self.total}{bad}")


def _parse(text: str) -> dict[str, Any] | None:
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("info"), dict) else None


def _read_results(path: Path, started: float, result: DbtResult) -> None:
    """Fill counts and problems from dbt's artefact, if this run wrote it."""
    if not path.is_file() or path.stat().st_mtime < started - 1:
        return
    for node in json.loads(path.read_text(encoding="utf-8")).get("results", ()):
        kind, _, name = str(node["unique_id"]).partition(".")
        status = str(node["status"])
        result.counts[kind, status] += 1
        if status not in (*_BAD, "warn"):
            continue
        message = " ".join(str(node.get("message") or "").split())
        compiled = node.get("compiled_code") and node.get("relation_name") is None
        hint = f" (SQL: {path.parent.name}/compiled)" if compiled and status != "warn" else ""
        target = result.warnings if status == "warn" else result.problems
        target.append(f"{kind} {_short(kind, name)}: {message}{hint}")


def _short(kind: str, name: str) -> str:
    """Drop the package name, and the hash that dbt adds to a generic test's name."""
    parts = name.split(".")[1:]
    if kind == "test" and len(parts) > 1:
        parts = parts[:-1]
    return ".".join(parts)
