"""Where rows go: the raw tables of DuckDB or PostgreSQL, each file in one transaction."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv

from chargeback.load.discover import SourceFile
from chargeback.load.otlp_values import convert_nested
from chargeback.load.rejects import Reject
from chargeback.load.tables import LOADS, REJECTS, Table, create_statements
from chargeback.warehouse import DUCKDB, Warehouse

MEMORY_LIMIT = "256MB"
"""What DuckDB may use for its own buffers while loading."""
NESTED_FUNCTION = "chargeback_nested_value"
_KNOWN = "file_name, table_name, loaded_count, rejected_count, byte_count, modified_at"
_COPY_ROWS = 20_000
_VACUUM_TASKS = 100
PARSER_THREADS = 4
WRITER_THREADS = 2
"""How many threads may be used while loading: each needs memory of its own."""
ROW_GROUP_ROWS = 122_880
SPARE_ROW_GROUPS = 32
"""A table of DuckDB is made compact when it has so many row groups beside twice what it needs."""


@dataclass(frozen=True)
class Known:
    """A line of the manifest."""

    file_name: str
    table_name: str | None
    loaded_count: int
    rejected_count: int
    byte_count: int
    modified_at: datetime | None

    def is_unchanged(self, file: SourceFile) -> bool:
        """Whether the file has the size and time of modification that it had then."""
        now = (file.byte_count, file.modified_at)
        return (self.byte_count, self.modified_at) == now


class Target:
    """Writes shaped rows, rejects and the manifest. Use `open_target`.

    `parser` is a DuckDB connection in memory that takes texts apart. It is none of the
    warehouse's, because a transaction keeps every batch that it has seen until it ends.
    """

    def __init__(self, warehouse: Warehouse, parser: duckdb.DuckDBPyConnection) -> None:
        self.warehouse = warehouse
        self.parser = parser
        self.schema = warehouse.raw_schema
        self._written: set[str] = set()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written together, or not at all."""
        with self.warehouse.transaction():
            if self.warehouse.engine != DUCKDB:
                # Two loads at once would take the same load_id and the same file.
                self.warehouse.execute(f"lock table {self._name('loads')} in exclusive mode")
            yield

    def next_load_id(self) -> int:
        """The number of the next load; call it inside the transaction."""
        newest = self.warehouse.scalar(f"select max(load_id) from {self._name('loads')}")
        return (newest or 0) + 1

    def known_files(self) -> dict[tuple[str, str], Known]:
        """The last load of every source and file name."""
        rows = self.warehouse.query(
            f"select source, {_KNOWN} from {self._name('loads')} order by load_id"
        )
        return {(source, rest[0]): Known(*rest) for source, *rest in rows}

    def loaded_before(self, source: str, content_hash: str) -> Known | None:
        """How this content was loaded before, or None."""
        rows = self.warehouse.query(
            f"select {_KNOWN} from {self._name('loads')} where source = ? and content_hash = ?",
            [source, content_hash],
        )
        return Known(*rows[0]) if rows else None

    def note_modified(self, file: SourceFile) -> None:
        """Write when a file of known content was modified: next time it need not be read."""
        self.warehouse.execute(
            f"update {self._name('loads')} set modified_at = ? where source = ? and file_name = ? "
            "and byte_count = ?",
            [file.modified_at, file.source, file.name, file.byte_count],
        )

    def has_loaded_name(self, source: str, file_name: str) -> bool:
        """Whether rows of a file of this name, whatever its content was, are there."""
        count = self.warehouse.scalar(
            f"select count(*) from {self._name('loads')} "
            "where source = ? and file_name = ? and loaded_count > 0",
            [source, file_name],
        )
        return count > 0

    def add_rows(self, table: Table, rows: pa.Table, load_id: int) -> None:
        """Write rows that have the table's columns and `_line_number`."""
        self._written.add(table.name)
        names = [column.name for column in table.columns]
        load_ids = pa.array([load_id] * rows.num_rows, pa.int64())
        data = rows.select([*names, "_line_number"])
        data = data.add_column(len(names), "_load_id", load_ids)
        if self.warehouse.engine == DUCKDB:
            self._insert_arrow(table.name, data)
            return
        self.parser.register("chargeback_rows", data)
        texts = ", ".join(f'"{name}"::varchar as "{name}"' for name in data.column_names)
        written = self.parser.execute(f"select {texts} from chargeback_rows")
        self._copy(table.name, data.column_names, written.to_arrow_reader(_COPY_ROWS))
        self.parser.unregister("chargeback_rows")

    @property
    def reads_files(self) -> bool:
        """Whether the warehouse can read files by itself (`add_file_rows`)."""
        return self.warehouse.engine == DUCKDB

    def add_file_rows(self, table: Table, shaped: str, load_id: int) -> int:
        """Write the rows without a problem of a query that reads a file; returns how many."""
        self._written.add(table.name)
        listed = ", ".join(f'"{column.name}"' for column in table.columns)
        query = (
            f"insert into {self._name(table.name)} select {listed}, {load_id}, _line_number "
            f"from ({shaped}) where _problem is null"
        )
        return self.warehouse.connection.execute(query).fetchone()[0]

    def add_rejects(
        self,
        source: str,
        table: str | None,
        file_name: str,
        load_id: int,
        rejects: Sequence[Reject],
    ) -> None:
        """Write what was refused."""
        now = _now()
        rows = [
            (
                load_id,
                source,
                table,
                file_name,
                r.line_number,
                r.reason_code,
                r.reason,
                r.excerpt,
                now,
            )
            for r in rejects
        ]
        self._insert("rejects", [name for name, _ in REJECTS], rows)

    def add_manifest(self, row: dict[str, Any]) -> None:
        """Write the manifest row of a file; `loaded_at` is set here."""
        names = [name for name, _ in LOADS]
        self._insert("loads", names, [tuple((row | {"loaded_at": _now()})[name] for name in names)])

    def compact(self) -> None:
        """Merge the row groups of DuckDB when a table that was written has far more than it needs,
        after many small loads."""
        if self.warehouse.engine != DUCKDB or not any(map(self._is_scattered, self._written)):
            return
        connection = self.warehouse.connection
        before = _setting(connection, "max_vacuum_tasks")
        _set(connection, {"max_vacuum_tasks": _VACUUM_TASKS})
        connection.execute("checkpoint")
        _set(connection, {"max_vacuum_tasks": before})

    def _is_scattered(self, table: str) -> bool:
        row_count, row_groups = self.warehouse.query(
            f"select (select count(*) from {self._name(table)}), count(distinct row_group_id) "
            "from pragma_storage_info(?)",
            [self._name(table)],
        )[0]
        return row_groups > 2 * row_count // ROW_GROUP_ROWS + SPARE_ROW_GROUPS

    def _insert(self, table: str, names: list[str], rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        columns = [
            [None if value is None else str(value) for value in column]
            for column in zip(*rows, strict=True)
        ]
        data = pa.table([pa.array(column, pa.string()) for column in columns], names)
        if self.warehouse.engine == DUCKDB:
            self._insert_arrow(table, data)
        else:
            self._copy(table, names, data.to_batches())

    def _insert_arrow(self, table: str, data: pa.Table) -> None:
        # Not a registered view: a transaction would keep the data of all of them.
        if data.num_rows:
            self.warehouse.connection.from_arrow(data).insert_into(self._name(table))

    def _copy(self, table: str, names: list[str], batches: Any) -> None:
        """COPY record batches of text columns to PostgreSQL."""
        listed = ", ".join(f'"{name}"' for name in names)
        statement = f"copy {self._name(table)} ({listed}) from stdin (format csv)"
        # Quotes tell an empty text from a null.
        options = pa_csv.WriteOptions(include_header=False, quoting_style="all_valid")
        with self.warehouse.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for batch in batches:
                buffer = io.BytesIO()
                pa_csv.write_csv(batch, buffer, options)
                copy.write(buffer.getvalue())

    def _name(self, table: str) -> str:
        return f'"{self.schema}"."{table}"'


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@contextmanager
def open_target(warehouse: Warehouse) -> Iterator[Target]:
    """A target for `warehouse`, with every raw table made.

    DuckDB's memory limit is lowered while it is open.
    """
    for statement in create_statements(warehouse.raw_schema, warehouse.engine):
        warehouse.execute(statement)
    parser = duckdb.connect()
    threads = _setting(parser, "threads")
    settings = {
        "memory_limit": MEMORY_LIMIT,
        "threads": min(PARSER_THREADS, threads),
        # Else freed memory stays with the process: twice the peak.
        "allocator_flush_threshold": "16MB",
        "allocator_bulk_deallocation_flush_threshold": "16MB",
        # Without order every small insert keeps blocks of its own until the end: 3 x the memory.
        "preserve_insertion_order": "true",
        "TimeZone": "UTC",
    }
    of_warehouse = settings | {
        "threads": min(WRITER_THREADS, threads),
        # With the default, 16 MB, a checkpoint would follow nearly every file.
        "checkpoint_threshold": "128MB",
        # Else each checkpoint merges the newest row groups: more work than the rows of a day.
        "max_vacuum_tasks": 0,
    }
    connection = warehouse.connection if warehouse.engine == DUCKDB else None
    before = {name: _setting(connection, name) for name in of_warehouse} if connection else {}
    try:
        _set(parser, settings | {"temp_directory": ""})
        parser.create_function(
            NESTED_FUNCTION, convert_nested, ["VARCHAR"], "VARCHAR", exception_handling="default"
        )
        if connection:
            _set(connection, of_warehouse)
        yield Target(warehouse, parser)
    finally:
        parser.close()
        if connection:
            _set(connection, before)


def _set(connection: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        connection.execute(f"set {name} = '{value}'")


def _setting(connection: duckdb.DuckDBPyConnection, name: str) -> Any:
    return connection.execute("select current_setting(?)", [name]).fetchone()[0]
