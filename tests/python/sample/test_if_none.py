"""`chargeback sample --if-none`: made-up logs never come near a warehouse that has logs."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from chargeback.cli import app

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path: Path, clean_env: pytest.MonkeyPatch) -> Path:
    """A project folder with the sample's seeds, and no logs and no warehouse."""
    shutil.copy(ROOT / "dbt_project.yml", tmp_path)
    shutil.copy(ROOT / "profiles.example.yml", tmp_path / "profiles.yml")
    for name in ("seeds", "scripts/chargeback/prices/curated"):
        shutil.copytree(ROOT / name, tmp_path / name)
    clean_env.setenv("CHARGEBACK_PROJECT_DIR", str(tmp_path))
    clean_env.chdir(tmp_path)
    return tmp_path


def _sample() -> Result:
    arguments = ["sample", "--if-none", "--days", "2", "--events", "200"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result


def _warehouse(project: Path, *statements: str) -> None:
    path = project / "warehouse" / "llm_chargeback.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        for statement in ("create schema raw", *statements):
            connection.execute(statement)


def test_without_a_warehouse(project: Path) -> None:
    assert "Sample logs, " in _sample().output
    assert (project / "data" / "raw" / "litellm").is_dir()


def test_with_empty_raw_tables(project: Path) -> None:
    _warehouse(project, "create table raw.otel_spans (trace_id text)")
    assert "Sample logs, " in _sample().output


def test_with_logs_in_the_warehouse(project: Path) -> None:
    _warehouse(project, "create table raw.otel_spans as select 't' as trace_id")
    wanted = "no sample logs are written: the warehouse has logs already (raw.otel_spans)"
    assert wanted in _sample().output
    assert not (project / "data").exists()


def test_with_seeds_of_another_company(project: Path) -> None:
    seed = project / "seeds" / "company" / "features.csv"
    seed.write_text(seed.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert "the seeds describe another company" in _sample().output
    assert not (project / "data").exists()
