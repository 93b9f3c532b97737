"""Amounts and fractional quantities reach the raw tables with every digit the file has.

JSON and CSV are read as text and never through a float, whatever the number of digits. A float is
read in one case only, where the file has no more to tell: a Parquet column of doubles. It goes
through its shortest text (0.1 is 0.1, not 0.1000000000000000055), which has at most 17 digits.
Pages of a provider's report are JSON only.
"""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chargeback.load.tables import TABLES, Column, Table

NUMBERS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in TABLES
    for column in table.columns
    if column.type.startswith("numeric")
]
EXAMPLES = {
    "bigint": 1,
    "integer": 1,
    "numeric": 1,
    "timestamp": "2026-11-21T00:00:00Z",
    "json": {},
}


def _scale(column: Column) -> int:
    return int(column.type.rstrip(")").split(",")[1])


def _digits(column: Column) -> str:
    """As many digits as the column holds; a float has 17."""
    return "12345678." + "123456789012345"[: _scale(column)]


def _row(table: Table, column: Column, value: Any) -> dict[str, Any]:
    """The columns that a row of the table needs, and the number, as a flat row."""
    row = {
        other.file_names[0]: EXAMPLES.get(other.type.split("(")[0], "x1")
        for other in table.columns
        if other.name in {*table.required, *table.identity}
    }
    return row | {column.file_names[0]: value}


def _nested(row: dict[str, Any]) -> dict[str, Any]:
    """The row as JSON has it: a name with dots is a path."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        *path, last = name.split(".")
        place = found
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value
    return found


def _file(table: Table, ending: str) -> str:
    name = table.name_hints[0] if table.name_hints else table.name
    return f"{table.source}/{name}.{ending}"


@pytest.mark.parametrize(("table", "column"), NUMBERS)
def test_json_numbers_keep_their_digits(duckdb_loads: Any, table: Table, column: Column) -> None:
    digits = _digits(column)
    line = json.dumps(_nested(_row(table, column, "NUMBER"))).replace('"NUMBER"', digits)
    duckdb_loads.write(_file(table, "jsonl"), line + "\n")
    duckdb_loads.load()
    assert duckdb_loads.rejects() == []
    assert duckdb_loads.rows(table.name, column.name) == [(Decimal(digits),)]


@pytest.mark.parametrize(
    ("table", "column"), [param for param in NUMBERS if not param.values[0].is_paged]
)
def test_csv_numbers_keep_their_digits(duckdb_loads: Any, table: Table, column: Column) -> None:
    row = _row(table, column, _digits(column))
    text = io.StringIO()
    csv.writer(text).writerows([row.keys(), (str(value) for value in row.values())])
    duckdb_loads.write(_file(table, "csv"), text.getvalue())
    duckdb_loads.load()
    assert duckdb_loads.rejects() == []
    assert duckdb_loads.rows(table.name, column.name) == [(Decimal(_digits(column)),)]


def test_the_other_name_of_a_column_keeps_its_digits_too(duckdb_loads: Any) -> None:
    """Langfuse's older export has both names in a row."""
    [(table, column)] = [param.values for param in NUMBERS if "langfuse" in str(param.id)]
    digits = _digits(column)
    row = _row(table, column, None) | {"totalCost": "NUMBER", "calculatedTotalCost": "NUMBER"}
    duckdb_loads.write(_file(table, "jsonl"), json.dumps(row).replace('"NUMBER"', digits) + "\n")
    duckdb_loads.load()
    assert duckdb_loads.rows(table.name, column.name) == [(Decimal(digits),)]


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        (Decimal("12345678.123456789012345"), pa.decimal128(38, 15), "12345678.123456789012345"),
        ("12345678.123456789012345", pa.string(), "12345678.123456789012345"),
        (0.1, pa.float64(), "0.1"),
        # What a gateway reckoned in floats is a float's noise away, at the 15th decimal or beyond.
        (0.40599799999999997, pa.float64(), "0.405998"),
        (0.1, pa.float32(), "0.1"),
        (1e-7, pa.float64(), "0.0000001"),
    ],
)
def test_parquet_numbers(
    duckdb_loads: Any, spend_log: Any, value: Any, type_: Any, expected: str
) -> None:
    row = {name: text for name, text in spend_log(1).items() if name != "spend"}
    plain = {name: text for name, text in row.items() if isinstance(text, str | int)}
    rows = pa.Table.from_pylist([plain])
    path = duckdb_loads.raw / "litellm" / "spend_logs.parquet"
    path.parent.mkdir()
    assert "spend" not in rows.column_names
    pq.write_table(rows.append_column("spend", pa.array([value], type=type_)), path)
    duckdb_loads.load()
    assert duckdb_loads.rejects() == []
    assert duckdb_loads.rows("litellm_spend_logs", "spend") == [(Decimal(expected),)]
