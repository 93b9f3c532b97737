"""The logs that are measured: the sample's gateway rows and the directory, as Parquet, by day."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from chargeback.load.privacy import literal
from chargeback.sample.plan import DAILY_FILES_FROM, make_plan

LAST_DAY = date(2026, 10, 30)
"""A Friday, so that the last day is no quiet one."""

KEPT = ("litellm", "directory")
"""Sources of the sample that are measured: the hand-written script reads no others."""

_DAYS_OF_MANY, _DAYS_OF_FEW = 92, 22
_JSON_COLUMNS = ("metadata", "request_tags", "messages", "response", "proxy_server_request")


@dataclass(frozen=True)
class SampleSize:
    """What to ask `chargeback sample` for."""

    events: int
    days: int


def sample_size(rows: int, more_days: int) -> SampleSize:
    """The sample with about `rows` gateway rows, plus `more_days` days after them, in daily files.

    The sample's own event count also counts spans and retrievals, which are left out here.
    """
    days = (_DAYS_OF_MANY if rows >= DAILY_FILES_FROM else _DAYS_OF_FEW) + more_days
    low, high = rows, 2 * rows + 1000
    while high - low > 1:
        middle = (low + high) // 2
        plan = make_plan(days, max(middle, days), end=LAST_DAY)
        found = sum(day.gateway_rows for day in plan.days[:-more_days])
        low, high = (middle, high) if found <= rows else (low, middle)
    return SampleSize(max(low, days), days)


def prepare(raw: Path, later: Path, more_days: int) -> list[Path]:
    """Keep what is measured of a written sample, and move its last days to `later`.

    The second export, which repeats some rows, is JSON lines: it is written again as Parquet, less
    its broken last line, so that both sides read the same kind of files. Returns the files of the
    last days, in order.
    """
    for folder in raw.iterdir():
        if folder.is_dir() and folder.name not in KEPT:
            shutil.rmtree(folder)
    folder = raw / "litellm" / "spend_logs"
    daily = sorted(folder.glob("*.parquet"))
    for export in folder.glob("*.jsonl"):
        _to_parquet(export, daily[0])
        export.unlink()
    later.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.move(path, later / path.name)) for path in daily[-more_days:]]


def byte_count(raw: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in raw.rglob("*") if path.is_file())


def needed_bytes(rows: int) -> int:
    """Free disk space that a run of so many rows asks for; measured, with some to spare."""
    return math.ceil(rows * 1200 + 500e6)


def _to_parquet(export: Path, like: Path) -> None:
    """Write JSON lines as Parquet with the columns and types of `like`."""
    with duckdb.connect() as connection:
        described = connection.execute(
            f"describe select * from read_parquet({literal(str(like))})"
        ).fetchall()
        types = {row[0]: row[1] for row in described}
        read = {name: "JSON" if name in _JSON_COLUMNS else type_ for name, type_ in types.items()}
        spec = ", ".join(f"{literal(name)}: {literal(type_)}" for name, type_ in read.items())
        columns = ", ".join(f'"{name}"::{type_} as "{name}"' for name, type_ in types.items())
        connection.execute(
            f"copy (select {columns} from read_json({literal(str(export))}, "
            f"format = 'newline_delimited', ignore_errors = true, columns = {{{spec}}}) "
            "where request_id is not null) "
            f"to {literal(str(export.with_suffix('.parquet')))} (compression zstd)"
        )
