"""Parquet files in batches of bounded size, however wide their rows are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from chargeback.load.batches import chunked

NARROW_ROW_BYTES = 2 * 1024
"""Up to this size of a row DuckDB may read a file by itself. It is faster, but each of its threads
takes 2,048 rows at a time, whatever their size, and holds 122,880 rows of the result."""
_BATCH_BYTES = 8 * 1024 * 1024
_BATCH_ROWS = 50_000
_BUFFER_BYTES = 1024 * 1024


def row_bytes(metadata: pq.FileMetaData, columns: Sequence[str]) -> float:
    """Bytes a row of these columns, uncompressed: the largest average of a row group."""
    largest = 0.0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        chunks = [group.column(index) for index in range(group.num_columns)]
        size = sum(
            chunk.total_uncompressed_size
            for chunk in chunks
            if chunk.path_in_schema.split(".", 1)[0] in columns
        )
        largest = max(largest, size / max(group.num_rows, 1))
    return largest


def row_batches(path: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    """The columns in batches of about 8 MiB, with `line_number` from 1."""
    first = 1
    with pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
        one_row = max(row_bytes(file.metadata, columns), 1)
        rows = max(1, min(_BATCH_ROWS, int(_BATCH_BYTES / one_row)))
        for batch in file.iter_batches(rows, columns=list(columns), use_threads=False):
            for piece in _pieces(batch):
                numbers = pa.array(range(first, first + piece.num_rows), pa.int64())
                table = pa.Table.from_batches([piece]).add_column(0, "line_number", numbers)
                yield chunked(table)
                first += piece.num_rows


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch, cut where equal values that the file has once made it large."""
    count = max(1, round(batch.nbytes / _BATCH_BYTES))
    rows = -(-batch.num_rows // count)
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)
