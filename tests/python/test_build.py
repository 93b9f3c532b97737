"""`chargeback build`: what it runs, when it runs it, and what it says."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from chargeback.build import changed_files, file_hashes, is_check, run_build
from chargeback.errors import ChargebackError
from chargeback.project import Project
from chargeback.warehouse import open_warehouse

pytestmark = pytest.mark.slow


def _build(project: Project, **options: object) -> tuple[object, str]:
    out = io.StringIO()
    result = run_build(project, Console(file=out, width=200, highlight=False), **options)
    return result, out.getvalue()


def _rates(project: Project) -> list[int]:
    with open_warehouse(project, read_only=True) as warehouse:
        rows = warehouse.query("select rate from chargeback.doubled order by rate_id")
        return [rate for (rate,) in rows]


def test_second_build_does_nothing_and_a_changed_seed_rebuilds(small_project: Project) -> None:
    result, text = _build(small_project)
    assert result.exit_code == 0
    assert "1 seed, 1 model, 1 test: 3 ok" in text
    assert "full refresh" not in text
    assert _rates(small_project) == [20, 40]

    result, text = _build(small_project)
    assert result is None
    assert "nothing changed since" in text

    result, text = _build(small_project, force=True)
    assert result.exit_code == 0
    assert "full refresh" not in text

    (small_project.root / "seeds" / "rates.csv").write_text("rate_id,rate\n1,11\n2,20\n")
    result, text = _build(small_project)
    assert "full refresh: seeds/rates.csv changed since the last build" in text
    assert _rates(small_project) == [22, 40]


def test_failed_test_is_named_and_not_recorded(small_project: Project) -> None:
    (small_project.root / "seeds" / "rates.csv").write_text("rate_id,rate\n1,10\n1,20\n")
    result, text = _build(small_project)
    assert result.exit_code == 1
    assert "failed: test unique_doubled_rate_id: Got 1 result" in text
    result, text = _build(small_project)
    assert "nothing changed" not in text
    assert "not known which rules" in text


def test_broken_project_is_a_clear_error(small_project: Project) -> None:
    (small_project.root / "models" / "doubled.sql").write_text("select * from {{ ref('none') }}")
    with pytest.raises(ChargebackError, match="depends on a node named 'none'"):
        _build(small_project)


def test_changed_test_runs_without_full_refresh(small_project: Project) -> None:
    _build(small_project)
    folder = small_project.root / "tests"
    folder.mkdir()
    (folder / "positive.sql").write_text("select 1 as one from {{ ref('doubled') }} where rate < 0")
    result, text = _build(small_project)
    assert result.count("test") == 2
    assert "full refresh" not in text


def test_file_hashes_ignore_prose(small_project: Project) -> None:
    before = file_hashes(small_project.root, ("models", "dbt_project.yml", "missing"))
    (small_project.root / "models" / "README.md").write_text("words")
    assert file_hashes(small_project.root, ("models", "dbt_project.yml", "missing")) == before
    (small_project.root / "models" / "more.sql").write_text("select 1")
    after = file_hashes(small_project.root, ("models", "dbt_project.yml"))
    assert changed_files(before, after) == ["models/more.sql"]


def test_only_rules_need_a_full_refresh() -> None:
    assert is_check("tests/singular/rows_balance.sql")
    assert is_check("models/staging/otel/_otel__unit_tests.yml")
    assert is_check("models/staging/otel/_otel__models.yml")
    assert not is_check("models/staging/otel/_otel__sources.yml")
    assert not is_check("seeds/reference/price_book.csv")


def _load(project: Project, load_id: int, table: str = "litellm_spend_logs") -> None:
    with open_warehouse(project) as warehouse:
        warehouse.execute("create schema if not exists raw")
        warehouse.execute(
            "create table if not exists raw.loads "
            "(load_id bigint, table_name text, loaded_count bigint)"
        )
        warehouse.execute("insert into raw.loads values (?, ?, 1)", [load_id, table])


def test_new_logs_build_tables_and_tests_only(small_project: Project) -> None:
    _load(small_project, 1)
    _build(small_project)
    _load(small_project, 2)
    result, text = _build(small_project)
    assert "1 model, 1 test: 2 ok" in text
    assert result.count("seed") == 0
    result, _ = _build(small_project, force=True)
    assert result.count("seed") == 1


def test_unit_tests_run_when_asked_for(small_project: Project) -> None:
    text = """
unit_tests:
  - name: doubles
    model: doubled
    given:
      - {input: ref('rates'), rows: [{rate_id: 7, rate: 3}]}
    expect:
      rows: [{rate_id: 7, rate: 6}]
"""
    (small_project.root / "models" / "_doubled__unit_tests.yml").write_text(text, encoding="utf-8")
    result, _ = _build(small_project)
    assert result.count("unit_test") == 0
    result, _ = _build(small_project, unit_tests=True)
    assert result.count("unit_test") == 1


def test_what_dbts_own_variable_leaves_out(
    small_project: Project, clean_env: pytest.MonkeyPatch
) -> None:
    clean_env.setenv("DBT_EXCLUDE_RESOURCE_TYPES", "test unit_test")
    result, _ = _build(small_project)
    assert (result.count("model"), result.count("test")) == (1, 0)


def test_a_new_raw_table_builds_everything(small_project: Project) -> None:
    _load(small_project, 1)
    _build(small_project)
    with open_warehouse(small_project) as warehouse:
        warehouse.execute("create table raw.otel_spans (trace_id text)")
    result, text = _build(small_project)
    assert "full refresh: the set of raw tables changed since the last build" in text
    assert result.count("seed") == 1


@pytest.mark.parametrize("table", ["directory_users", "litellm_keys"])
def test_another_directory_is_a_full_refresh(small_project: Project, table: str) -> None:
    _load(small_project, 1)
    _build(small_project)
    _load(small_project, 2, table)
    _, text = _build(small_project)
    assert "full refresh: the directory of teams, keys and users changed" in text
