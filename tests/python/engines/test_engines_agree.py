"""Both engines build the same sample: every mart is equal, to the last digit."""

from __future__ import annotations

from pathlib import Path

import pytest

from chargeback.warehouse import open_warehouse
from engines.snapshots import relations, row_hash, snapshot

ROOT = Path(__file__).resolve().parents[3]
MARTS = sorted(path.stem for path in (ROOT / "models" / "marts").rglob("*.sql"))
SHOWN_DIFFERENCES = 5

pytestmark = [pytest.mark.engines, pytest.mark.slow]


def _snapshot(built, name: str):
    with open_warehouse(built.project, read_only=True) as warehouse:
        return snapshot(warehouse, warehouse.schema, name)


def test_both_engines_have_the_same_relations(built) -> None:
    found = {}
    for engine, one in built.items():
        with open_warehouse(one.project, read_only=True) as warehouse:
            found[engine] = relations(warehouse, warehouse.schema)
    assert found["duckdb"] == found["postgres"]
    assert set(MARTS) <= set(found["duckdb"])


def test_the_sample_reaches_the_marts(built) -> None:
    """Equal because empty would prove nothing."""
    _, rows = _snapshot(built["duckdb"], "fct_usage_events")
    assert len(rows) > 1000
    _, rows = _snapshot(built["duckdb"], "fct_team_daily_costs")
    assert len(rows) > 100


@pytest.mark.parametrize("name", MARTS)
def test_mart_is_equal_on_both_engines(built, name: str) -> None:
    columns, rows = _snapshot(built["duckdb"], name)
    other_columns, other_rows = _snapshot(built["postgres"], name)
    assert columns == other_columns
    if rows == other_rows:
        return
    only_here = sorted(set(rows) - set(other_rows), key=repr)[:SHOWN_DIFFERENCES]
    only_there = sorted(set(other_rows) - set(rows), key=repr)[:SHOWN_DIFFERENCES]
    lines = [
        f"{name}: {len(rows)} rows on DuckDB, {len(other_rows)} on PostgreSQL",
        f"columns: {columns}",
        *(f"DuckDB only:     {row}" for row in only_here),
        *(f"PostgreSQL only: {row}" for row in only_there),
    ]
    pytest.fail("\n".join(lines), pytrace=False)


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_second_run_changes_nothing(built, engine: str) -> None:
    before = {name: row_hash(_snapshot(built[engine], name)[1]) for name in MARTS}
    # The dbt tests have just passed on these rows.
    said = built[engine].run("build", "--force", DBT_EXCLUDE_RESOURCE_TYPES="test unit_test")
    assert "full refresh" not in said
    after = {name: row_hash(_snapshot(built[engine], name)[1]) for name in MARTS}
    assert after == before


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_loading_again_loads_nothing(built, engine: str) -> None:
    def count() -> int:
        with open_warehouse(built[engine].project, read_only=True) as warehouse:
            return warehouse.scalar(f'select count(*) from "{warehouse.raw_schema}".loads')

    before = count()
    built[engine].run("load")
    assert count() == before
