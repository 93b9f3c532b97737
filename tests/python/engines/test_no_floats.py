"""Neither warehouse has a column of floats, and nothing that was compiled for it names one.

Why, and what else is looked at: `test_exact_money.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chargeback.warehouse import open_warehouse
from floats import FLOAT_TYPES, named_floats

pytestmark = [pytest.mark.engines, pytest.mark.slow]
ENGINES = ("duckdb", "postgres")
SYSTEM = ("information_schema", "pg_catalog")


@pytest.mark.parametrize("engine", ENGINES)
def test_no_column_is_a_float(built, engine: str) -> None:
    with open_warehouse(built[engine].project, read_only=True) as warehouse:
        columns = warehouse.query(
            "select table_schema, table_name, column_name, data_type "
            "from information_schema.columns order by 1, 2, 3"
        )
    columns = [column for column in columns if column[0] not in SYSTEM]
    assert any(table == "fct_usage_events" for _, table, _, _ in columns)
    assert [column for column in columns if FLOAT_TYPES.search(column[3])] == []


@pytest.mark.parametrize("engine", ENGINES)
def test_no_float_was_compiled(built, engine: str) -> None:
    target = Path(built[engine].environment["DBT_TARGET_PATH"])
    files = sorted((target / "run").rglob("*.sql"))
    assert len(files) > 50
    found = [
        f"{path.name}: {name}"
        for path in files
        for name in named_floats(path.read_text(encoding="utf-8"))
    ]
    assert found == []
