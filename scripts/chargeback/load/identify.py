"""Which raw table a file feeds: by its columns, then by its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chargeback.load.rejects import Reject
from chargeback.load.tables import OTEL_SPANS, TABLES, Table, top_name

OTLP_KEYS = frozenset({"resourcespans", "resourcemetrics", "resourcelogs"})
"""Top keys of OTLP messages. Only spans are loaded; one file may hold all three signals."""


def identify(source: str, columns: Iterable[str], file_name: str) -> Table | Reject:
    """The table of `source` that a file with these columns feeds, or why there is none.

    A table is found by the columns that only its files have, then by all its columns, then by
    the file's name. A file that lacks a column its table must have is refused.
    """
    found = {column.lower() for column in columns}
    if source == "otel" and found & OTLP_KEYS:
        return OTEL_SPANS
    candidates = [table for table in TABLES if table.source == source]
    scored = [(_score(table, found, file_name), table) for table in candidates]
    score, table = max(scored, key=lambda pair: pair[0])
    if score[0] == 0 and score[1] < 2:
        return Reject(0, "unknown_table", _no_table(source, found, candidates))
    missing = [
        table.column(name).file_names[0]
        for name in table.required
        if not any(_is_found(option, found) for option in table.column(name).file_names)
    ]
    if missing:
        word = "column" if len(missing) == 1 else "columns"
        hint = _other_source(source, found)
        end = f"; {hint}" if hint else ""
        reason = f"{table.name} needs {word} {', '.join(missing)}{end}"
        return Reject(0, "missing_column", reason)
    return table


def _is_found(name: str, found: set[str]) -> bool:
    """Whether a file has the column; of a path in JSON only where it begins is known."""
    return name.lower() in found or top_name(name) in found


def _no_table(source: str, found: set[str], candidates: Sequence[Table]) -> str:
    """Why no table fits. Names of columns are not repeated: without a header they are data."""
    wanted = "; ".join(f"{table.name} needs {', '.join(_required(table))}" for table in candidates)
    known = set().union(*(table.top_names for table in candidates)) & found
    if len(found) == 1 and not known:
        seen = "it has one unknown column (columns are separated by , ; | or tab)"
    elif not known:
        seen = f"it has {len(found)} columns, none of them known (is the header missing?)"
    else:
        names = ", ".join(sorted(known))
        seen = f"of its {len(found)} columns only {names} {_are(known)} known"
    hint = _other_source(source, found)
    return f"its columns fit no table of {source}: {seen}; {hint or wanted}"


def _other_source(source: str, found: set[str]) -> str | None:
    """Where the file belongs, if its columns are those of another source."""
    if found & OTLP_KEYS:
        fitting = [OTEL_SPANS]
    else:
        fitting = [
            table
            for table in TABLES
            if table.source != source
            and len(table.required) > 1
            and found.issuperset(top_name(name) for name in _required(table))
        ]
    if not fitting:
        return None
    table = max(fitting, key=lambda table: len(table.required))
    return f"it looks like {table.name}: move it to the folder {table.source}/"


def _are(names: set[str]) -> str:
    return "is" if len(names) == 1 else "are"


def by_name(source: str, file_name: str) -> Table | None:
    """The table a file's name speaks of, for files whose content tells nothing."""
    candidates = [table for table in TABLES if table.source == source]
    if len(candidates) == 1:
        return candidates[0]
    named = [table for table in candidates if _is_named(table, file_name)]
    return named[0] if named else None


def _score(table: Table, found: set[str], file_name: str) -> tuple[int, float, int]:
    known = found & table.top_names
    return len(found & table.telling), len(known), int(_is_named(table, file_name))


def _is_named(table: Table, file_name: str) -> bool:
    name = file_name.rsplit("/", 1)[-1].lower()
    return any(hint in name for hint in table.name_hints)


def _required(table: Table) -> list[str]:
    return [table.column(name).file_names[0] for name in table.required]
