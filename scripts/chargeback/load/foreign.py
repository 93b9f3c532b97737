"""What a file is that no loader reads, said in words that help."""

from __future__ import annotations

import re

_SIGNATURES = (
    (b"PK\x03\x04", "it is a ZIP archive or an Excel workbook: unpack it, or save it as CSV"),
    (b"BZh", "it is compressed with bzip2: use gzip or zstd"),
    (b"\xfd7zXZ\x00", "it is compressed with xz: use gzip or zstd"),
    (b"\x04\x22\x4d\x18", "it is compressed with lz4: use gzip or zstd"),
    (b"SQLite format 3\x00", "it is an SQLite database: export its tables as CSV"),
    (b"PGDMP", "it is a dump of pg_dump: export the tables with psql's \\copy"),
    (b"%PDF-", "it is a PDF document"),
    (b"\xff\xfe", "it is UTF-16 text: save it as UTF-8"),
    (b"\xfe\xff", "it is UTF-16 text: save it as UTF-8"),
    (b"ORC", "it is an ORC file: write Parquet"),
    (b"Obj\x01", "it is an Avro file: write Parquet or JSON lines"),
)
_PAGE = re.compile(rb"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)
_JSON_LINE = re.compile(rb"""^\s*(?:\{\s*["}]|\[\s*[\[{"\]\d-])""", re.MULTILINE)


def foreign_format(head: bytes) -> str | None:
    """What a file is, if its first bytes show that it can't be read; else None."""
    for signature, meaning in _SIGNATURES:
        if head.startswith(signature):
            return meaning
    if head[257:262] == b"ustar":
        return "it is a tar archive: unpack it"
    if _PAGE.match(head[:4096]):
        return "it is a web page or XML, perhaps the error page of a failed download"
    return None


def is_binary(head: bytes) -> bool:
    """Whether a text's first bytes are no text and no line of them begins a JSON value.

    A log with some damaged lines is not binary: those lines are rejected one by one.
    """
    if _JSON_LINE.search(head):
        return False
    if b"\0" in head:
        return True
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start < len(head) - 4
    return False
