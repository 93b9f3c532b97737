"""CSV text in blocks of whole records, and a careful reader for blocks with bad ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv as pa_csv

from chargeback.load.batches import MAX_LINE_BYTES
from chargeback.load.rejects import Reject, mask_line

DELIMITERS = (",", ";", "\t", "|")


@dataclass
class CsvBlock:
    """Whole records of a CSV file, without the header. `first` is the number of the first one."""

    text: bytes
    first: int


class CsvFile:
    """The header of a CSV file and its records in blocks. The header is record 1."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self.records = _whole_records(blocks)
        first = next(self.records, b"").removeprefix(b"\xef\xbb\xbf")
        header, _, self.rest = _cut_record(first)
        text = header.decode("utf-8", "replace").strip("\r\n")
        self.delimiter = max(DELIMITERS, key=text.count)
        self.header = next(csv.reader([text], delimiter=self.delimiter), [])
        self.header = [name.strip() for name in self.header]

    def blocks(self) -> Iterator[bytes]:
        """The records after the header, many at a time."""
        if self.rest.strip():
            yield self.rest
        yield from self.records


def quick_rows(
    block: CsvBlock, header: list[str], delimiter: str, keep: list[str]
) -> pa.Table | None:
    """The columns `keep` of a block as text and `line_number`; None when a record may be bad."""
    if b"\0" in block.text:
        return None
    try:
        table = pa_csv.read_csv(
            pa.py_buffer(block.text),
            read_options=pa_csv.ReadOptions(column_names=header, use_threads=False),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                include_columns=keep,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return _numbered(table, range(block.first, block.first + table.num_rows))


def careful_rows(
    block: CsvBlock, header: list[str], delimiter: str, keep: list[str]
) -> tuple[pa.Table, list[Reject]]:
    """Read a block record by record; those that can't be rows become rejects."""
    numbers: list[int] = []
    rows: list[list[str | None]] = []
    rejects: list[Reject] = []
    csv.field_size_limit(MAX_LINE_BYTES)
    text = block.text.decode("utf-8", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = block.first - 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            number += 1
            rejects.append(Reject(number, "invalid_csv", f"not CSV: {error}"))
            continue
        if row is None:
            break
        if not row:
            continue
        number += 1
        reject = _refuse(row, len(header), number)
        if reject:
            rejects.append(reject)
        else:
            numbers.append(number)
            rows.append([value if value != "" else None for value in row])
    values = list(zip(*rows, strict=True)) or [[] for _ in header]
    columns = [pa.array(column, pa.string()) for column in values]
    return _numbered(pa.table(columns, header).select(keep), numbers), rejects


def _numbered(table: pa.Table, numbers: Sequence[int]) -> pa.Table:
    return table.add_column(0, "line_number", pa.array(numbers, pa.int64()))


def _refuse(row: list[str], width: int, number: int) -> Reject | None:
    text = ",".join(row)
    excerpt = mask_line(text.encode("utf-8", "replace"))
    if "\0" in text:
        return Reject(number, "nul_byte", "the row has a NUL byte", excerpt)
    if any("\ud800" <= character <= "\udfff" for character in text):
        return Reject(number, "invalid_utf8", "the row has bytes that are not UTF-8", excerpt)
    if len(row) != width:
        reason = f"the row has {len(row)} fields, the header {width}"
        return Reject(number, "invalid_csv", reason, excerpt)
    return None


def _cut_record(text: bytes) -> tuple[bytes, bytes, bytes]:
    """The first record of the text, its line end, and the rest."""
    start = 0
    while True:
        end = text.find(b"\n", start)
        if end < 0:
            return text, b"", b""
        if text.count(b'"', 0, end) % 2 == 0:
            return text[:end], b"\n", text[end + 1 :]
        start = end + 1


def _whole_records(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks cut at line ends outside quotes; one that finds none in time is cut at any."""
    rest = b""
    for block in blocks:
        rest += block
        cut = _last_record_end(rest)
        if cut < 0 and len(rest) > MAX_LINE_BYTES:
            cut = max(rest.rfind(b"\n"), 0) or len(rest) - 1
        if cut >= 0:
            yield rest[: cut + 1]
            rest = rest[cut + 1 :]
    if rest:
        yield rest


def _last_record_end(text: bytes) -> int:
    odd = text.count(b'"') % 2
    end = len(text)
    while True:
        cut = text.rfind(b"\n", 0, end)
        if cut < 0:
            return -1
        odd = (odd + text.count(b'"', cut, end)) % 2
        if not odd:
            return cut
        end = cut
