"""Why something was not loaded, and what may be shown of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chargeback.load.tables import TABLES

EXCERPT_LENGTH = 120
"""Most characters of an excerpt."""

REASON_CODES = {
    "invalid_json": "The text is not valid JSON.",
    "not_an_object": "The JSON is not an object, so it has no columns.",
    "invalid_utf8": "The bytes are not UTF-8.",
    "nul_byte": "The line has a NUL byte.",
    "line_too_long": "The line is longer than the limit.",
    "invalid_csv": "The row does not have the header's number of fields, or a quote is open.",
    "truncated": "The file ends in the middle of a compressed stream; rows before it are loaded.",
    "invalid_value": "A value does not fit its column's type.",
    "missing_value": "A column that identifies the row is empty.",
    "not_spans": "The OTLP message has no resourceSpans.",
    "missing_column": "The file lacks a column that every file of its table has.",
    "unknown_table": "The file's columns match none of the source's tables.",
    "unknown_format": "The file is no JSON, JSON lines, CSV or Parquet.",
    "unreadable_file": "The file is damaged.",
}
"""Every reason_code of raw.rejects and what it means."""

_KNOWN_NAMES = frozenset(
    {name for table in TABLES for name in table.file_names}
    | {"resourcespans", "scopespans", "spans", "resource", "scope", "attributes", "key", "value"}
    | {"traceid", "spanid", "parentspanid", "name", "kind", "starttimeunixnano", "stringvalue"}
    | {"endtimeunixnano", "intvalue", "doublevalue", "boolvalue", "arrayvalue", "values"}
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)("?)(\s*:)?', re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]|[^\x00-\x7f]")
_DIGIT = re.compile(r"\d")
_BLANK = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Reject:
    """One thing that was not loaded. `line_number` is 1-based; 0 stands for the whole file."""

    line_number: int
    reason_code: str
    reason: str
    excerpt: str | None = None


def mask_line(line: str | bytes) -> str:
    """The beginning of a bad line with letters replaced by x and digits by 0.

    Column names stay readable, so that the place of the error can be found; a message body,
    a name or a key can't be read from it.
    """
    if isinstance(line, bytes):
        line = line[: EXCERPT_LENGTH * 4].decode("utf-8", "replace")
    head = line[:EXCERPT_LENGTH]
    parts: list[str] = []
    position = 0
    for match in _STRING.finditer(head):
        parts.append(_mask_all(head[position : match.start()]))
        is_name = bool(match[3]) and match[1].lower() in _KNOWN_NAMES
        text = match[1] if is_name else _mask_all(match[1])
        parts.append(f'"{text}{match[2]}{match[3] or ""}')
        position = match.end()
    parts.append(_mask_all(head[position:]))
    return _BLANK.sub(" ", "".join(parts))[:EXCERPT_LENGTH]


def mask_value(column: str, value: str) -> str:
    """A value that did not fit its column, letters replaced by x."""
    return f"{column} = {_BLANK.sub(' ', _mask(value[:60]))}"[:EXCERPT_LENGTH]


def _mask(text: str) -> str:
    return _LETTER.sub("x", text)


def _mask_all(text: str) -> str:
    return _DIGIT.sub("0", _mask(text))
