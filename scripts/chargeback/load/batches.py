"""Text of a file as batches of numbered rows, each row the JSON text of one object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from chargeback.load.rejects import Reject, mask_line

BATCH_BYTES = 4 * 1024 * 1024
"""Text handed to DuckDB at a time."""
MAX_LINE_BYTES = 16 * 1024 * 1024
"""Longest line, or JSON object, that is read."""
_CHUNK_ROWS = 2048
_CHUNKS = 16


@dataclass
class TextBatch:
    """Rows of text and the rejects found while splitting them."""

    numbers: list[int] = field(default_factory=list)
    rows: list[str] | pa.Array = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def table(self) -> pa.Table:
        """The rows as an Arrow table (line_number, line) in chunks that threads can share."""
        lines = self.rows if isinstance(self.rows, pa.Array) else pa.array(self.rows, pa.string())
        return chunked(pa.table({"line_number": pa.array(self.numbers, pa.int64()), "line": lines}))


def chunked(table: pa.Table) -> pa.Table:
    """The table in chunks that threads can share."""
    rows = max(1, min(_CHUNK_ROWS, table.num_rows // _CHUNKS))
    return pa.Table.from_batches(table.to_batches(max_chunksize=rows), table.schema)


def split_lines(
    blocks: Iterable[bytes], max_line_bytes: int = MAX_LINE_BYTES
) -> Iterator[TextBatch]:
    """Split a stream into batches of lines, in fixed memory.

    Blank lines are left out but counted. Lines that are too long, have a NUL byte or are not
    UTF-8 become rejects. What `blocks` raises passes through, after the rows before it; the
    unfinished last line is then dropped.
    """
    splitter = _LineSplitter(max_line_bytes)
    for block in blocks:
        yield from splitter.feed(block)
    yield from splitter.finish()


class _LineSplitter:
    def __init__(self, max_line_bytes: int) -> None:
        self.max_line_bytes = max_line_bytes
        self.next_number = 1
        self.tail: list[bytes] = []
        self.tail_bytes = 0
        self.skipped_bytes = 0

    def feed(self, block: bytes) -> Iterator[TextBatch]:
        if self.next_number == 1 and not self.tail and not self.skipped_bytes:
            block = block.removeprefix(b"\xef\xbb\xbf")
        if self.skipped_bytes:
            end = block.find(b"\n")
            if end < 0:
                self.skipped_bytes += len(block)
                return
            yield self._too_long(self.skipped_bytes + end)
            block = block[end + 1 :]
        cut = block.rfind(b"\n")
        if cut >= 0:
            self.tail.append(block[:cut])
            yield from self._lines(b"".join(self.tail))
            self.tail, self.tail_bytes = [block[cut + 1 :]], len(block) - cut - 1
        elif block:
            self.tail.append(block)
            self.tail_bytes += len(block)
        if self.tail_bytes > self.max_line_bytes:
            self.skipped_bytes, self.tail_head = self.tail_bytes, self.tail[0][:512]
            self.tail, self.tail_bytes = [], 0

    def finish(self) -> Iterator[TextBatch]:
        if self.skipped_bytes:
            yield self._too_long(self.skipped_bytes)
        elif self.tail_bytes:
            yield from self._lines(b"".join(self.tail))

    def _too_long(self, byte_count: int) -> TextBatch:
        reject = _too_long(self.next_number, byte_count, self.max_line_bytes, self.tail_head)
        self.next_number += 1
        self.skipped_bytes = 0
        return TextBatch(rejects=[reject])

    def _lines(self, text: bytes) -> Iterator[TextBatch]:
        lines = text.split(b"\n")
        first = self.next_number
        self.next_number += len(lines)
        batch = self._fast_batch(text, lines, first) or self._careful_batch(lines, first)
        yield batch

    def _fast_batch(self, text: bytes, lines: list[bytes], first: int) -> TextBatch | None:
        """The batch without a look at single lines, or None when one of them may be bad."""
        if b"\0" in text or (len(text) > self.max_line_bytes):
            return None
        numbers = list(range(first, first + len(lines)))
        if b"" in lines or b"\r" in lines:
            numbers = [n for n, line in zip(numbers, lines, strict=True) if line not in _BLANK]
            lines = [line for line in lines if line not in _BLANK]
        try:
            return TextBatch(numbers, pa.array(lines, pa.binary()).cast(pa.string()))
        except pa.ArrowInvalid:
            return None

    def _careful_batch(self, lines: list[bytes], first: int) -> TextBatch:
        batch = TextBatch()
        rows: list[str] = []
        for number, line in enumerate(lines, first):
            if line.isspace() or not line:
                continue
            row = clean_text(line, number, self.max_line_bytes, batch.rejects)
            if row is not None:
                batch.numbers.append(number)
                rows.append(row)
        batch.rows = rows
        return batch


_BLANK = (b"", b"\r")


def clean_text(line: bytes, number: int, max_line_bytes: int, rejects: list[Reject]) -> str | None:
    """The line as text, or None and a reject when it can't be."""
    if len(line) > max_line_bytes:
        rejects.append(_too_long(number, len(line), max_line_bytes, line))
    elif b"\0" in line:
        rejects.append(Reject(number, "nul_byte", "the line has a NUL byte", mask_line(line)))
    else:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            reason = f"byte {error.start + 1} of the line is not UTF-8"
            rejects.append(Reject(number, "invalid_utf8", reason, mask_line(line)))
    return None


def _too_long(number: int, byte_count: int, limit: int, line: bytes) -> Reject:
    reason = f"the line has {byte_count:,} bytes; at most {limit:,} are read (see --max-line-mb)"
    return Reject(number, "line_too_long", reason, mask_line(line))
