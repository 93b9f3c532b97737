"""Which raw table a file feeds: by its columns, then by its name."""

from __future__ import annotations

from collections.abc import Iterable

from chargeback.load.rejects import Reject
from chargeback.load.tables import OTEL_SPANS, TABLES, Table


def identify(source: str, columns: Iterable[str], file_name: str) -> Table | Reject:
    """The table of `source` that a file with these columns feeds, or why there is none.

    A table is found by the columns that only its files have, then by all its columns, then by
    the file's name. A file that lacks a column its table must have is refused.
    """
    found = {column.lower() for column in columns}
    if source == "otel" and "resourcespans" in found:
        return OTEL_SPANS
    candidates = [table for table in TABLES if table.source == source]
    scored = [(_score(table, found, file_name), table) for table in candidates]
    score, table = max(scored, key=lambda pair: pair[0])
    if score[0] == 0 and score[1] < 2:
        wanted = "; ".join(
            f"{table.name} has {', '.join(_required(table))}" for table in candidates
        )
        seen = ", ".join(sorted(found)[:12]) or "none"
        return Reject(0, "unknown_table", f"columns ({seen}) match no table: {wanted}")
    missing = [
        table.column(name).file_names[0]
        for name in table.required
        if not any(option.lower() in found for option in table.column(name).file_names)
    ]
    if missing:
        word = "column" if len(missing) == 1 else "columns"
        return Reject(0, "missing_column", f"{table.name} needs {word} {', '.join(missing)}")
    return table


def by_name(source: str, file_name: str) -> Table | None:
    """The table a file's name speaks of, for files whose content tells nothing."""
    candidates = [table for table in TABLES if table.source == source]
    if len(candidates) == 1:
        return candidates[0]
    named = [table for table in candidates if _is_named(table, file_name)]
    return named[0] if named else None


def _score(table: Table, found: set[str], file_name: str) -> tuple[int, float, int]:
    known = found & table.file_names
    return len(found & table.telling), len(known), int(_is_named(table, file_name))


def _is_named(table: Table, file_name: str) -> bool:
    name = file_name.rsplit("/", 1)[-1].lower()
    return any(hint in name for hint in table.name_hints)


def _required(table: Table) -> list[str]:
    return [table.column(name).file_names[0] for name in table.required]
