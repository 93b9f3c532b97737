"""One small sample, written once for all tests of its content."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chargeback.sample.generate import Counts, generate
from chargeback.sample.plan import make_plan

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Written:
    """A sample on disk."""

    folder: Path
    counts: Counts

    def spend_logs(self) -> pa.Table:
        """Gateway rows of all Parquet files."""
        paths = sorted((self.folder / "litellm" / "spend_logs").glob("*.parquet"))
        return pa.concat_tables([pq.read_table(path) for path in paths])

    def retrievals(self) -> pa.Table:
        """Retrieval queries of all files."""
        paths = sorted((self.folder / "retrieval").glob("*.parquet"))
        return pa.concat_tables([pq.read_table(path) for path in paths])

    def spans(self) -> Iterator[dict[str, Any]]:
        """All spans, with `scope`, `resource` and plain `attributes`."""
        for path in sorted((self.folder / "otel").glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                for part in json.loads(line)["resourceSpans"]:
                    resource = _plain(part["resource"]["attributes"])
                    for scope in part["scopeSpans"]:
                        for span in scope["spans"]:
                            yield span | {
                                "scope": scope["scope"]["name"],
                                "resource": resource,
                                "attributes": _plain(span["attributes"]),
                            }

    def rows(self, pattern: str) -> list[dict[str, str]]:
        """Rows of the CSV files that match."""
        return [row for path in sorted(self.folder.glob(pattern)) for row in read_csv(path)]

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Rows of a JSONL file."""
        text = (self.folder / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


def _plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    result = {}
    for item in attributes:
        ((kind, value),) = item["value"].items()
        result[item["key"]] = int(value) if kind == "intValue" else value
    return result


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Two whole months, about 20,000 events."""
    folder = tmp_path_factory.mktemp("sample")
    plan = make_plan(61, 20_000, end=date(2026, 10, 31))
    return Written(folder, generate(plan, ROOT, folder))


@pytest.fixture(scope="session")
def seeds() -> dict[str, list[dict[str, str]]]:
    """Rows of seeds/company by file."""
    return {path.stem: read_csv(path) for path in (ROOT / "seeds" / "company").glob("*.csv")}
