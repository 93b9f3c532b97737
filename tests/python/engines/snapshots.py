"""Rows of a warehouse in a form that does not depend on the engine."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Any
from uuid import UUID

from chargeback.warehouse import Warehouse

# Enough digits for numeric(38, n) sums without rounding.
_EXACT = Context(prec=120)
# When the loader ran: differs between two loads of the same file.
VOLATILE_COLUMNS = frozenset({"loaded_at", "rejected_at", "built_at"})

Row = tuple[str | None, ...]


def plain(value: Any) -> str | None:
    """One value as text: equal for equal values, whatever Python type the driver chose.

    Raises TypeError for a float: money and tokens have no business being one.
    """
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case float():
            raise TypeError(f"float {value!r}")
        case int() | Decimal():
            number = _EXACT.create_decimal(value)
            # 0E-15 and -0 are 0.
            return format(number.normalize(_EXACT), "f") if number else "0"
        case datetime():
            moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            return moment.isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case list() | tuple() | dict():
            return json.dumps(value, sort_keys=True, default=plain)
        case str():
            return value
    raise TypeError(f"{type(value).__name__} {value!r}")


def relations(warehouse: Warehouse, schema: str) -> list[str]:
    """Tables and views of a schema, by name."""
    rows = warehouse.query(
        "select table_name from information_schema.tables where table_schema = ? "
        "order by table_name",
        [schema],
    )
    return [name for (name,) in rows]


def snapshot(warehouse: Warehouse, schema: str, name: str) -> tuple[list[str], list[Row]]:
    """Column names, and all rows as text in a fixed order, without the volatile columns."""
    columns = [
        column
        for column in warehouse.relation_columns(schema, name)
        if column not in VOLATILE_COLUMNS
    ]
    picked = ", ".join(f'"{column}"' for column in columns)
    rows = warehouse.query(f'select {picked} from "{schema}"."{name}"')
    texts = (tuple(plain(value) for value in row) for row in rows)
    return columns, sorted(texts, key=lambda row: tuple((text is not None, text) for text in row))


def row_hash(rows: list[Row]) -> str:
    """One hash for all rows."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()
