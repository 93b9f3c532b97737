"""Fixtures shared by all Python tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chargeback.project import Project
from empty_build import Built, build_empty

ROOT = Path(__file__).resolve().parents[2]
TESTS = Path(__file__).parent
#: Folders whose modules share what takes a minute to make.
SHARING = ("engines", "prices", "proof", "rules", "sample", "traces")
#: Modules that share the project built without a row.
EMPTY_BUILDS = ("test_documentation.py", "test_exact_money.py")
#: What takes minutes begins first, so that no processor waits for it at the end.
LONG = ("engines", "rules", "golden", "proof", "gate", "bench")

PROFILE = """
small:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: warehouse/small.duckdb
      schema: chargeback
      threads: 1
"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    folder = item.path.relative_to(TESTS).parts[0]
    return LONG.index(folder) if folder in LONG else len(LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let one worker have all tests that share something, else those of a module."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return Scheduling(config, log)


def group_of(nodeid: str) -> str:
    """What a test shares its worker with: its folder, another module, or its own module only."""
    module = nodeid.split("::", maxsplit=1)[0].removeprefix("tests/python/")
    folder = module.split("/", maxsplit=1)[0]
    return "empty_build" if module in EMPTY_BUILDS else folder if folder in SHARING else module


@pytest.fixture
def clean_env(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No variable of this machine decides what a test sees."""
    for name in (
        "CHARGEBACK_PROJECT_DIR",
        "CHARGEBACK_RAW_DIR",
        "CHARGEBACK_DUCKDB_PATH",
        "CHARGEBACK_OFFLINE_PACKAGES",
        "DBT_PROFILES_DIR",
        "DBT_TARGET",
        "DBT_TARGET_PATH",
    ):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The project built on DuckDB without a row."""
    return build_empty(tmp_path_factory.mktemp("empty_build"))


@pytest.fixture
def small_project(tmp_path: Path, clean_env: pytest.MonkeyPatch) -> Project:
    """A dbt project with one seed, one model and one test, on an empty DuckDB file."""
    files = {
        "dbt_project.yml": "name: small\nversion: 1.0.0\nconfig-version: 2\nprofile: small\n",
        "profiles.yml": PROFILE,
        "seeds/rates.csv": "rate_id,rate\n1,10\n2,20\n",
        "models/doubled.sql": (
            "{{ config(materialized='table') }}\n"
            "select rate_id, rate * 2 as rate from {{ ref('rates') }}\n"
        ),
        "models/models.yml": (
            "models:\n  - name: doubled\n    columns:\n      - name: rate_id\n"
            "        data_tests: [unique]\n"
        ),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    clean_env.chdir(tmp_path)
    return Project.find()
