"""`chargeback bench`: what it measures and compares, and that the script gives the same rows."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import duckdb
import pytest
from rich.console import Console
from typer.testing import CliRunner

from chargeback.bench import logs
from chargeback.bench.measure import Usage, measure
from chargeback.bench.run import AGAIN, HAND, LOAD, RUN, TABLES, TEST, AddedDay, Options, Result
from chargeback.bench.run import run_bench as measured_run
from chargeback.bench.same import Difference, compare
from chargeback.bench.show import as_json, print_result, ratios, summary_lines
from chargeback.cli import app
from chargeback.errors import ChargebackError
from chargeback.project import Project
from chargeback.sample.generate import generate
from chargeback.sample.plan import make_plan
from conftest import ROOT

SAME = Difference("fct_usage_events", 10, 0, 0)


def _usage(wall: float, cpu: float | None = None) -> Usage:
    return Usage(wall, wall * 2 if cpu is None else cpu, 100.0)


def _result(**changes: object) -> Result:
    result = Result(event_count=1000, raw_bytes=2_000_000)
    result.steps = {
        LOAD: _usage(20),
        TABLES: _usage(30),
        HAND: _usage(10, 10),
        RUN: _usage(40),
        TEST: _usage(20),
        AGAIN: _usage(1),
    }
    result.days = [AddedDay("2026-10-30", 10, _usage(1), _usage(2), _usage(3))]
    result.first_differences = [SAME]
    for name, value in changes.items():
        setattr(result, name, value)
    return result


def test_measures_time_and_memory_of_a_process(tmp_path: Path) -> None:
    code = "import time; x = b'1' * 80_000_000; sum(range(3_000_000)); time.sleep(0.3); print('hi')"
    used = measure([sys.executable, "-c", code], tmp_path / "logs" / "out.log")
    assert (tmp_path / "logs" / "out.log").read_text() == "hi\n"
    assert used.wall_s >= 0.3
    assert 0 < used.cpu_s < used.wall_s + 1
    assert 80 < used.peak_mb < 1000


def test_a_step_that_fails_says_what_it_said_last(tmp_path: Path) -> None:
    code = "import sys; print('first'); sys.exit('no such model')"
    with pytest.raises(ChargebackError, match=r"ended with code 1.*(?s:.*)no such model"):
        measure([sys.executable, "-c", code], tmp_path / "out.log")


@pytest.mark.parametrize("rows", [1_000, 50_000, 1_000_000, 10_000_000])
def test_sample_has_the_rows_that_were_asked_for_before_the_added_days(rows: int) -> None:
    size = logs.sample_size(rows, more_days=2)
    plan = make_plan(size.days, size.events, end=logs.LAST_DAY)
    assert plan.has_daily_files
    assert sum(day.gateway_rows for day in plan.days[:-2]) == pytest.approx(rows, rel=0.01)


def test_logs_are_parquet_of_two_sources_without_the_last_day(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    plan = make_plan(20, 3_000, end=logs.LAST_DAY)
    counts = generate(plan, ROOT, raw)
    later = logs.prepare(raw, tmp_path / "later", more_days=1)
    assert [path.name for path in later] == ["2026-10-30.parquet"]
    assert {path.name for path in raw.iterdir() if path.is_dir()} == set(logs.KEPT)
    files = sorted((raw / "litellm" / "spend_logs").iterdir())
    assert len(files) == 20
    assert {path.suffix for path in files} == {".parquet"}
    with duckdb.connect() as connection:
        read = f"read_parquet('{raw}/litellm/spend_logs/*.parquet')"
        [(again,)] = connection.execute(
            f"select count(*) from (select request_id from {read} "
            "group by request_id having count(*) > 1)"
        ).fetchall()
        kinds = connection.execute(f"select distinct json_type(metadata) from {read}").fetchall()
    assert again == counts.reexported > 0
    assert kinds == [("OBJECT",)]


def _tables(path: Path, schema: str, rows: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create schema if not exists {schema}")
        for table in ("fct_usage_events", "fct_team_daily_costs"):
            connection.execute(
                f"create table {schema}.{table} as select event_date::date as event_date, team_id, "
                f"cost::decimal(38, 15) as cost, load_id from (values {rows}) "
                "as t(event_date, team_id, cost, load_id)"
            )
    return path


def test_compares_rows_and_how_often_they_are_there(tmp_path: Path) -> None:
    first = "('2026-10-01', 'a', 1, 7), ('2026-10-01', 'a', 1, 7), ('2026-10-02', null, 2, 8)"
    other = "('2026-10-01', 'a', 1, 7), ('2026-10-02', null, 2, 9), ('2026-10-03', 'a', 1, 7)"
    built = _tables(tmp_path / "built.duckdb", "chargeback", first)
    same = _tables(tmp_path / "same.duckdb", "main", first)
    differing = _tables(tmp_path / "differing.duckdb", "main", other)
    assert all(item.is_same for item in compare(built, "chargeback", same, ignore_loads=False))
    [events, daily] = compare(built, "chargeback", differing, ignore_loads=False)
    assert (events.row_count, events.only_built, events.only_by_hand) == (3, 2, 2)
    assert not daily.is_same
    [events, _] = compare(built, "chargeback", differing, ignore_loads=True)
    assert (events.only_built, events.only_by_hand) == (1, 1)


def test_ratios_by_wall_and_by_cpu() -> None:
    found = ratios(_result())
    assert found["tables_wall_s"] == 3
    assert found["tables_cpu_s"] == 6
    assert found["load_and_tables_wall_s"] == 5
    assert found["day_wall_s"] == 0.05
    assert found["day_alone_wall_s"] == round(2 / 60, 4)
    assert found["day_tested_wall_s"] == round(6 / 80, 4)


def test_shows_units_and_differences() -> None:
    result = _result(last_differences=[Difference("fct_usage_events", 12, 3, 0)])
    assert not result.is_same
    lines = "\n".join(summary_lines(result))
    assert "3.00 (wall), 6.00 (CPU) x the script's time" in lines
    assert "takes 5.0% (wall), 5.0% (CPU) of the first load and run" in lines
    assert "after the first build: same 10 rows" in lines
    assert "after the last day: 3 rows only built, 0 only by hand" in lines
    out = io.StringIO()
    print_result(Console(file=out, width=100), result)
    assert "Wall s" in out.getvalue()
    assert "CPU s" in out.getvalue()
    written = json.loads(json.dumps(as_json([result], Options()), default=str))
    assert written["sizes"][0]["steps"][LOAD] == {"wall_s": 20, "cpu_s": 40, "peak_mb": 100.0}
    assert written["machine"]["duckdb"]


def test_refuses_sizes_and_folders_that_can_not_work(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["bench", "--events", "10"])
    assert "give a number from 1,000" in str(result.exception)
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(ChargebackError, match="is not empty"):
        measured_run(Project(ROOT), 2_000, tmp_path, Options(), print, print)
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.slow
def test_the_script_and_the_project_write_the_same_rows(
    tmp_path: Path, clean_env: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    done: list[str] = []
    options = Options(more_days=1, with_tests=False)
    result = measured_run(
        Project(ROOT),
        2_000,
        tmp_path / "run",
        options,
        steps.append,
        lambda step, _: done.append(step),
    )
    assert done == [step for step in steps if step != "comparing"]
    assert result.is_same
    [events, daily] = result.first_differences
    assert 1_900 < events.row_count < 2_200
    assert daily.row_count > 100
    [after, _] = result.last_differences
    [day] = result.days
    assert after.row_count == events.row_count + day.event_count
    assert all(usage.cpu_s > 0 and usage.peak_mb > 0 for usage in result.steps.values())
    assert TEST not in steps
