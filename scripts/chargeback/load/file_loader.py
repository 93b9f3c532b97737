"""Load one file's rows: read it, find its table, shape its rows, write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chargeback.load import otlp, pages, shape
from chargeback.load.batches import MAX_LINE_BYTES, TextBatch, split_lines
from chargeback.load.csv_records import CsvBlock, CsvFile, careful_rows, quick_rows
from chargeback.load.discover import SourceFile
from chargeback.load.documents import split_document
from chargeback.load.identify import OTLP_KEYS, by_name, identify
from chargeback.load.parquet import NARROW_ROW_BYTES, row_batches, row_bytes
from chargeback.load.privacy import literal
from chargeback.load.rejects import Reject, mask_line, mask_value
from chargeback.load.streams import FileKind, StreamCutError, blocks, file_kind
from chargeback.load.tables import TABLES, Table
from chargeback.load.target import NESTED_FUNCTION, Target

_REJECTS_HELD = 5_000
_SAMPLE_ROWS = 200
_KINDS = {
    "bigint": "whole number",
    "integer": "whole number",
    "timestamp": "time",
    "json": "JSON of the right shape",
}
_UNITS = {"jsonl": "line", "json": "object"}
_BATCH = "chargeback_batch"


@dataclass(frozen=True)
class Options:
    """`keep_emails` keeps user_email and names with an @; `keep_keys` are attribute keys to keep
    beside the allow list; lines longer than `max_line_bytes` are rejected."""

    keep_emails: bool = False
    keep_keys: tuple[str, ...] = ()
    max_line_bytes: int = MAX_LINE_BYTES


@dataclass
class Problem:
    """Rejects of one kind in a file: the first one and their number. `unit` is line, object or
    row: what the reject's number counts."""

    unit: str
    first: Reject
    count: int = 0


class FileRefusedError(Exception):
    """Nothing of a file can be loaded; `reject` says why."""

    def __init__(self, reject: Reject, table_name: str | None = None) -> None:
        super().__init__(reject.reason)
        self.reject = reject
        self.table_name = table_name


class FileLoader:
    """Loads one file inside the caller's transaction. Counts are known after `load`.

    With `in_batches` memory is bounded whatever the file is like; else DuckDB reads Parquet files
    with narrow rows by itself.
    """

    def __init__(
        self,
        target: Target,
        file: SourceFile,
        load_id: int,
        options: Options,
        advance: Callable[[int], None],
        in_batches: bool = False,
    ) -> None:
        self.in_batches = in_batches
        self.target, self.file, self.load_id = target, file, load_id
        self.options, self.advance = options, advance
        self.parser = target.parser
        self.table: Table | None = None
        self.loaded_count = 0
        self.rejected_count = 0
        self.unit = "row"
        self.problems: dict[tuple[str, str], Problem] = {}
        self._held: list[Reject] = []
        self._next_line = 1
        self._places: dict[int, int] = {}

    def load(self) -> None:
        """Read the file to its end. Raises FileRefusedError, and OSError when it can't be read."""
        kind = file_kind(self.file.path)
        self.unit = _UNITS.get(kind.format, "row")
        try:
            if kind.format == "parquet":
                self._load_parquet(kind.compression)
            elif kind.format == "csv":
                self._load_csv(kind.compression)
            elif kind.format == "unknown":
                self._refuse_unknown(kind)
            else:
                split = split_lines if kind.format == "jsonl" else split_document
                stream = blocks(self.file.path, kind.compression, self.advance)
                batches = split(stream, self.options.max_line_bytes)
                if any(table.is_paged for table in TABLES if table.source == self.file.source):
                    batches = self._unfolded(batches)
                self._load_json(batches)
        except StreamCutError as cut:
            count = self.loaded_count + self.rejected_count
            rows = "1 row before it was" if count == 1 else f"{count:,} rows before it were"
            reason = f"{cut}; {rows} read"
            self._reject(Reject(self._next_line, "truncated", reason))
        self._flush()
        if self.table is None:
            self.table = by_name(self.file.source, self.file.name)

    def _refuse_unknown(self, kind: FileKind) -> None:
        if not kind.foreign and not any(blocks(self.file.path, kind.compression)):
            return
        reason = kind.foreign or "it is no JSON, JSON lines, CSV or Parquet"
        raise FileRefusedError(Reject(0, "unknown_format", reason))

    # JSON ---------------------------------------------------------------------------------

    def _load_json(self, batches: Iterator[TextBatch]) -> None:
        is_otlp = False
        positions = 1
        for batch in batches:
            self._reject(*batch.rejects)
            numbers = [self._place(number) for number in batch.numbers[-1:]]
            numbers += [reject.line_number for reject in batch.rejects]
            self._next_line = 1 + max(numbers, default=self._next_line - 1)
            if not len(batch.rows):
                continue
            if self.table is None:
                keys = self._sample_keys(batch)
                if keys is None:
                    continue
                self.table = self._identify(keys)
                is_otlp = any(key.lower() in OTLP_KEYS for key in keys)
            self.parser.register(_BATCH, batch.table())
            if is_otlp:
                positions += self._add_messages(positions)
            else:
                self._add_json_rows()
            self.parser.unregister(_BATCH)

    def _unfolded(self, batches: Iterator[TextBatch]) -> Iterator[TextBatch]:
        """Batches of the rows in pages, numbered through the file. Where they are is remembered."""
        position = 1
        for batch in batches:
            self.parser.register(_BATCH, batch.table())
            rows = self.parser.execute(pages.unfold(_BATCH)).to_arrow_table()
            self.parser.unregister(_BATCH)
            numbers = list(range(position, position + rows.num_rows))
            position += rows.num_rows
            self._places = dict(zip(numbers, rows["line_number"].to_pylist(), strict=True))
            yield TextBatch(numbers, rows["line"].combine_chunks(), batch.rejects)

    def _sample_keys(self, batch: TextBatch) -> set[str] | None:
        """Keys of the first objects, or None when the batch has none: its rows are then rejects."""
        keys: set[str] = set()
        objects = 0
        bad: list[Reject] = []
        for position, row in zip(batch.numbers, batch.rows, strict=True):
            number = self._place(position)
            text = row.as_py() if isinstance(row, pa.Scalar) else row
            try:
                value = json.loads(text, strict=True)
            except (ValueError, RecursionError):
                if text.strip():
                    reason = "not valid JSON"
                    bad.append(Reject(number, "invalid_json", reason, mask_line(text)))
                continue
            if not isinstance(value, dict):
                reason = "not a JSON object"
                bad.append(Reject(number, "not_an_object", reason, mask_line(text)))
                continue
            keys |= value.keys()
            objects += 1
            if objects >= _SAMPLE_ROWS:
                break
        if objects:
            return keys
        self._reject(*bad)
        return None

    def _add_json_rows(self) -> None:
        relation = shape.json_relation(self.table, _BATCH)
        columns = shape.json_columns(self.table)
        self._add_batch(self._shaped(relation, columns, from_json_lines=True))

    def _add_messages(self, first_position: int) -> int:
        """Add the spans of a batch of OTLP messages; returns how many there are."""
        messages, spans = otlp.flatten(
            _BATCH, first_position, NESTED_FUNCTION, self.options.keep_keys
        )
        self.parser.execute(f"create or replace temp table {otlp.MESSAGES} as {messages}")
        bad = self.parser.execute(
            f"select line_number, m is null and not json_valid(line), left(line, 500) "
            f"from {otlp.MESSAGES} where m.resourceSpans is null "
            "and not regexp_full_match(line, '\\s*\\{\\s*\\}\\s*')"
        ).fetchall()
        for number, is_invalid, line in bad:
            if is_invalid:
                reason = Reject(number, "invalid_json", "not valid JSON", mask_line(line))
            else:
                reason = Reject(number, "not_spans", _not_spans(line), mask_line(line))
            self._reject(reason)
        return self._add_batch(spans, "_file_line")

    # Parquet ------------------------------------------------------------------------------

    def _load_parquet(self, compression: str) -> None:
        if compression != "none":
            reason = "compressed Parquet is not read: Parquet is compressed inside"
            raise FileRefusedError(Reject(0, "unknown_format", reason))
        try:
            metadata = pq.read_metadata(self.file.path)
            names = metadata.schema.to_arrow_schema().names
            self.table = self._identify(names)
            known = [name for name in names if name.lower() in self.table.file_names]
            narrow = row_bytes(metadata, known) <= NARROW_ROW_BYTES
            if narrow and self.target.reads_files and not self.in_batches:
                self._add_parquet(known, metadata.num_rows)
            else:
                self._add_parquet_batches(known, metadata.num_rows)
        except duckdb.OutOfMemoryException:
            raise
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if "Out of Memory" in str(error):  # Arrow wraps DuckDB's.
                raise duckdb.OutOfMemoryException(str(error)) from error
            if isinstance(error, OSError) and error.errno:
                raise
            reason = "the Parquet file is damaged, or was copied before it was complete"
            name = self.table.name if self.table else None
            raise FileRefusedError(Reject(0, "unreadable_file", reason), name) from error

    def _add_parquet(self, columns: list[str], row_count: int) -> None:
        """Add all rows by one query of DuckDB."""
        scan = f"read_parquet({literal(str(self.file.path))}, file_row_number = true)"
        listed = ", ".join(f'"{name}"' for name in columns)
        relation = f"select file_row_number + 1 as line_number, {listed} from {scan}"
        query = self._shaped(relation, self._types(relation))
        self.loaded_count += self.target.add_file_rows(self.table, query, self.load_id)
        if self.loaded_count < row_count:
            bad = f"select _line_number, _problem from ({query}) where _problem is not null"
            self._reject_problems(self.parser.execute(f"{bad} order by 1").to_arrow_table())
        self.advance(self.file.byte_count)

    def _add_parquet_batches(self, columns: list[str], row_count: int) -> None:
        for batch in row_batches(self.file.path, columns):
            self.parser.register(_BATCH, batch)
            relation = f"select * from {_BATCH}"
            self._add_batch(self._shaped(relation, self._types(relation)))
            self.parser.unregister(_BATCH)
            self.advance(self.file.byte_count * batch.num_rows // row_count)

    def _types(self, relation: str) -> dict[str, str]:
        """Columns of a query but `line_number`, and their types as DuckDB sees them."""
        rows = self.parser.execute(f"describe {relation}").fetchall()
        return {name: type_ for name, type_, *_ in rows if name != "line_number"}

    # CSV ----------------------------------------------------------------------------------

    def _load_csv(self, compression: str) -> None:
        stream = blocks(self.file.path, compression, self.advance)
        file = CsvFile(stream)
        if not any(file.header):
            return
        if len(set(file.header)) < len(file.header):
            reason = "two columns have the same name"
            raise FileRefusedError(Reject(0, "invalid_csv", reason))
        self.table = self._identify(file.header)
        self._next_line = 2
        for text in file.blocks():
            self._next_line += self._add_csv_block(file, CsvBlock(text, self._next_line))

    def _add_csv_block(self, file: CsvFile, block: CsvBlock) -> int:
        """Add a block's rows, read one by one if some may be bad; returns how many there are."""
        keep = [name for name in file.header if name.lower() in self.table.file_names]
        found = quick_rows(block, file.header, file.delimiter, keep)
        refused: list[Reject] = []
        if found is None:
            found, refused = careful_rows(block, file.header, file.delimiter, keep)
            self._reject(*refused)
        self.parser.register(_BATCH, found)
        columns = dict.fromkeys(keep, "VARCHAR")
        count = self._add_batch(self._shaped(f"select * from {_BATCH}", columns))
        self.parser.unregister(_BATCH)
        return count + len(refused)

    # shared -------------------------------------------------------------------------------

    def _identify(self, columns: Sequence[str] | set[str] | dict[str, str]) -> Table:
        found = identify(self.file.source, columns, self.file.name)
        if isinstance(found, Reject):
            raise FileRefusedError(found)
        return found

    def _shaped(self, relation: str, columns: dict[str, str], from_json_lines: bool = False) -> str:
        return shape.shaped(
            self.table,
            relation,
            columns,
            from_json_lines=from_json_lines,
            keep_emails=self.options.keep_emails,
            keep_keys=self.options.keep_keys,
        )

    def _add_batch(self, query: str, line: str = "_line_number") -> int:
        """Shape once, write the good rows, keep the bad ones as rejects; returns how many rows."""
        rows = self.parser.execute(query).to_arrow_table()
        problems = rows["_problem"]
        if problems.null_count < rows.num_rows:
            bad = rows.select([line, "_problem"]).filter(pc.is_valid(problems))
            self._reject_problems(bad.sort_by(line))
            rows = rows.filter(pc.is_null(problems))
        self.target.add_rows(self.table, rows, self.load_id)
        self.loaded_count += rows.num_rows
        return len(problems)

    def _reject_problems(self, rows: pa.Table) -> None:
        """Reject rows of two columns: their number and their problem."""
        for number, problem in zip(*(column.to_pylist() for column in rows), strict=True):
            self._reject(_problem_reject(self.table, self._place(number), problem))

    def _place(self, number: int) -> int:
        """The line of the file that a row is from: its own number, but for rows of pages."""
        return self._places.get(number, number)

    def _reject(self, *rejects: Reject) -> None:
        self._held += rejects
        self.rejected_count += len(rejects)
        for reject in rejects:
            self._tell(reject)
        if len(self._held) >= _REJECTS_HELD:
            self._flush()

    def _tell(self, reject: Reject) -> None:
        """Remember the first reject of each kind, and how many there were."""
        by_column = reject.reason_code in ("invalid_value", "missing_value")
        key = (reject.reason_code, reject.reason if by_column else "")
        problem = self.problems.setdefault(key, Problem(self.unit, reject))
        problem.count += 1

    def _flush(self) -> None:
        name = self.table.name if self.table else by_name(self.file.source, self.file.name)
        name = name.name if isinstance(name, Table) else name
        self.target.add_rejects(self.file.source, name, self.file.name, self.load_id, self._held)
        self._held = []


def _not_spans(line: str) -> str:
    for key, signal in (("resourceMetrics", "metrics"), ("resourceLogs", "logs")):
        if f'"{key}"' in line:
            return f"the line has OTLP {signal}: only traces are loaded"
    return "the line is no OTLP message with resourceSpans"


def _problem_reject(table: Table, number: int, problem: str) -> Reject:
    code, column, value = problem.split(shape.SEPARATOR, 2)
    if code == "invalid_json":
        return Reject(number, code, "not valid JSON", mask_line(value))
    if code == "not_an_object":
        return Reject(number, code, "not a JSON object", mask_line(value))
    if code == "missing_value":
        return Reject(number, code, f"{column} is empty")
    type_ = table.column(column).type
    is_id = table.column(column).rule == "hex_id"
    kind = "trace or span id" if is_id else _KINDS.get(type_, "number")
    excerpt = f"{column} = JSON" if type_ == "json" else mask_value(column, value)
    return Reject(number, code, f"{column} is no {kind}", excerpt)
