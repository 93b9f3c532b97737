"""The same sample logs, built on DuckDB and on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chargeback.project import Project
from postgres import new_database

ROOT = Path(__file__).resolve().parents[3]
EVENTS = os.environ.get("CHARGEBACK_ENGINE_EVENTS", "20000")
ENGINES = ("duckdb", "postgres")


@dataclass(frozen=True)
class Built:
    """One engine's finished warehouse."""

    project: Project
    environment: dict[str, str]

    def run(self, *arguments: str, **environment: str) -> str:
        """Run `chargeback` on this warehouse; a failure fails the test with its output."""
        return run_chargeback({**self.environment, **environment}, *arguments)


def run_chargeback(environment: dict[str, str], *arguments: str) -> str:
    """Run a command of the project; returns its output."""
    done = subprocess.run(
        [sys.executable, "-m", "chargeback.cli", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        engine = environment.get("DBT_TARGET", "")
        pytest.fail(f"chargeback {' '.join(arguments)} ({engine}):\n{done.stdout}", pytrace=False)
    return done.stdout


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """A new, empty database on the server that CHARGEBACK_PG_* names; dropped afterwards."""
    with new_database() as name:
        yield name


@pytest.fixture(scope="session")
def built(postgres_database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Both engines, after sample, load and build of the same files."""
    work = tmp_path_factory.mktemp("engines")
    (work / "profiles.yml").write_bytes((ROOT / "profiles.example.yml").read_bytes())
    raw = work / "raw"
    warehouses = {}
    with pytest.MonkeyPatch.context() as patch:
        for engine in ENGINES:
            environment = {
                **os.environ,
                "CHARGEBACK_DUCKDB_PATH": str(work / "engines.duckdb"),
                "CHARGEBACK_PG_DBNAME": postgres_database,
                "CHARGEBACK_PROJECT_DIR": str(ROOT),
                "CHARGEBACK_RAW_DIR": str(raw),
                "DBT_PROFILES_DIR": str(work),
                "DBT_TARGET": engine,
                "DBT_TARGET_PATH": str(work / "target" / engine),
                "DBT_LOG_PATH": str(work / "logs" / engine),
            }
            if not raw.exists():
                run_chargeback(environment, "sample", "--events", EVENTS)
            run_chargeback(environment, "load")
            # On DuckDB scripts/test runs them.
            unit_tests = () if engine == "duckdb" else ("--unit-tests",)
            run_chargeback(environment, "build", *unit_tests)
            for name, value in environment.items():
                patch.setenv(name, value)
            project = Project.find()
            # Read the profile now: it depends on the environment of this engine.
            assert project.profile["type"] == engine
            warehouses[engine] = Built(project, environment)
    return warehouses
