"""A folder of raw files and a warehouse to load them into."""

from __future__ import annotations

import gzip
import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chargeback.load.file_loader import Options
from chargeback.load.run import FileResult, LoadReport, load_folder
from chargeback.warehouse import Warehouse


@dataclass
class Loads:
    """A folder of raw files and the warehouse they are loaded into."""

    raw: Path
    warehouse: Warehouse

    def write(self, name: str, content: bytes | str) -> Path:
        """Write a raw file; text ending in .gz or .zst is compressed by its name."""
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        if name.endswith(".gz"):
            data = gzip.compress(data)
        elif name.endswith(".zst"):
            import zstandard

            data = zstandard.compress(data)
        path.write_bytes(data)
        return path

    def write_lines(self, name: str, rows: list[Any]) -> Path:
        """Write rows as JSON lines."""
        return self.write(name, "".join(json.dumps(row) + "\n" for row in rows))

    def load(self, **options: Any) -> LoadReport:
        """Load the folder."""
        return load_folder(self.warehouse, self.raw, Options(**options))

    def load_one(self, **options: Any) -> FileResult:
        """Load the folder, which has one file."""
        report = self.load(**options)
        assert len(report.results) == 1
        return report.results[0]

    def rows(self, table: str, columns: str = "*", order: str = "_load_id, _line_number") -> list:
        """Rows of a raw table."""
        schema = self.warehouse.raw_schema
        return self.warehouse.query(f'select {columns} from "{schema}".{table} order by {order}')

    def rejects(self) -> list[tuple[str, int, str]]:
        """File name, line and reason code of every reject."""
        return self.rows("rejects", "file_name, line_number, reason_code", "load_id, line_number")

    def json(self, table: str, column: str) -> list[Any]:
        """The values of a JSON column, parsed."""
        values = [row[0] for row in self.rows(table, column)]
        return [json.loads(value) if isinstance(value, str) else value for value in values]

    def balance(self) -> None:
        """Every file's rows are loaded or rejected, and the manifest counts what is there."""
        schema = self.warehouse.raw_schema
        for load_id, table, rows, loaded, rejected in self.rows(
            "loads", "load_id, table_name, row_count, loaded_count, rejected_count", "load_id"
        ):
            assert rows == loaded + rejected
            refused = f'select count(*) from "{schema}".rejects where load_id = ?'
            assert self.warehouse.scalar(refused, [load_id]) == rejected
            if table:
                written = f'select count(*) from "{schema}".{table} where _load_id = ?'
                assert self.warehouse.scalar(written, [load_id]) == loaded


def open_engine(engine: str, folder: Path) -> Iterator[Warehouse]:
    """An empty warehouse: a DuckDB file, or a schema of its own on a PostgreSQL server."""
    schema = f"raw_{secrets.token_hex(4)}"
    project = SimpleNamespace(raw_schema=schema, schema="chargeback")
    if engine == "duckdb":
        import duckdb

        connection = duckdb.connect(str(folder / "warehouse.duckdb"))
        connection.execute("set TimeZone = 'UTC'")
    else:
        if not os.environ.get("CHARGEBACK_PG_HOST"):
            pytest.skip("no PostgreSQL: CHARGEBACK_PG_HOST is not set")
        import psycopg

        connection = psycopg.connect(
            host=os.environ["CHARGEBACK_PG_HOST"],
            port=os.environ.get("CHARGEBACK_PG_PORT", "5432"),
            user=os.environ.get("CHARGEBACK_PG_USER", "chargeback"),
            password=os.environ.get("CHARGEBACK_PG_PASSWORD", ""),
            dbname=os.environ.get("CHARGEBACK_PG_DBNAME", "postgres"),
            autocommit=True,
            options="-c timezone=UTC",
            connect_timeout=10,
        )
    with Warehouse(engine, connection, project) as warehouse:
        yield warehouse
        if engine == "postgres":
            warehouse.execute(f'drop schema if exists "{schema}" cascade')


@pytest.fixture(params=["duckdb", "postgres"])
def loads(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Loads]:
    """A raw folder and an empty warehouse, on each engine."""
    raw = tmp_path / "raw"
    raw.mkdir()
    for warehouse in open_engine(request.param, tmp_path):
        yield Loads(raw, warehouse)


@pytest.fixture
def duckdb_loads(tmp_path: Path) -> Iterator[Loads]:
    """A raw folder and an empty DuckDB warehouse, for what does not depend on the engine."""
    raw = tmp_path / "raw"
    raw.mkdir()
    for warehouse in open_engine("duckdb", tmp_path):
        yield Loads(raw, warehouse)


@pytest.fixture
def spend_log() -> Callable[..., dict[str, Any]]:
    """Makes a spend log; keywords replace its values."""

    def make(number: int = 1, **changes: Any) -> dict[str, Any]:
        row = {
            "request_id": f"chatcmpl-{number}",
            "call_type": "acompletion",
            "api_key": "a" * 64,
            "spend": 0.1,
            "total_tokens": 12,
            "prompt_tokens": 10,
            "completion_tokens": 2,
            "startTime": "2026-11-21T09:42:23.572",
            "endTime": "2026-11-21T09:42:24.572",
            "completionStartTime": None,
            "model": "openai/gpt-4.1",
            "user": "user-1",
            "metadata": {"usage_object": {"prompt_tokens": 10}},
            "cache_hit": "False",
            "request_tags": ["team:search"],
            "messages": {},
            "response": {},
            "proxy_server_request": {},
        }
        return row | changes

    return make


@pytest.fixture
def otlp() -> Callable[..., dict[str, Any]]:
    """Makes an OTLP message of one resource and scope with the given spans."""

    def make(*spans: dict[str, Any], resource: dict[str, Any] | None = None) -> dict[str, Any]:
        scope = {"scope": {"name": "test", "version": "1"}, "spans": list(spans)}
        attributes = {"attributes": attribute_list(resource or {})}
        return {"resourceSpans": [{"resource": attributes, "scopeSpans": [scope]}]}

    return make


@pytest.fixture
def span() -> Callable[..., dict[str, Any]]:
    """Makes a span with these attributes; keywords replace its fields."""

    def make(number: int = 1, attributes: dict[str, Any] | None = None, **changes: Any) -> dict:
        fields = {
            "traceId": f"{number:032x}",
            "spanId": f"{number:016x}",
            "name": "chat",
            "kind": 3,
            "startTimeUnixNano": "1795255013897762231",
            "endTimeUnixNano": "1795255014059481507",
            "attributes": attribute_list(attributes or {}),
            "status": {},
        }
        return fields | changes

    return make


def attribute_list(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    """A dict as OTLP writes attributes."""
    return [{"key": key, "value": _any_value(value)} for key, value in attributes.items()]


def _any_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_any_value(item) for item in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": attribute_list(value)}}
    return {"stringValue": value}
