"""Both engines build the same sample: every mart is equal, to the last digit."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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
    # The dbt tests have just passed on these rows, and the seeds are the same.
    said = built[engine].run("build", "--force", DBT_EXCLUDE_RESOURCE_TYPES="seed test unit_test")
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


def test_new_logs_are_built_on_both_engines(built) -> None:
    """Only what new logs change is built: views over tables that were replaced are still there."""
    before = len(_snapshot(built["duckdb"], "fct_usage_events")[1])
    _write_more_logs(Path(built["duckdb"].environment["CHARGEBACK_RAW_DIR"]))
    for engine, one in built.items():
        one.run("load")
        said = one.run("build")
        assert "full refresh" not in said, engine
        assert "unit test" not in said, engine
    assert len(_snapshot(built["duckdb"], "fct_usage_events")[1]) > before
    for name in MARTS:
        assert _snapshot(built["duckdb"], name) == _snapshot(built["postgres"], name), name


def _write_more_logs(raw: Path) -> None:
    """The newest month of spend logs once more, under other ids."""
    newest = max((raw / "litellm" / "spend_logs").glob("20*.parquet"))
    rows = pq.read_table(newest)
    ids = [f"again-{name}" for name in rows["request_id"].to_pylist()]
    column = rows.schema.get_field_index("request_id")
    pq.write_table(
        rows.set_column(column, "request_id", pa.array(ids)), newest.with_name("again.parquet")
    )
