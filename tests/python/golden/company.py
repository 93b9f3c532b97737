"""The tiny company of this folder on either engine: its project, its logs, and its warehouse."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from chargeback.packages import install_packages
from chargeback.project import Project
from chargeback.warehouse import open_warehouse
from postgres import new_database
from rules.project import copy_project, environment_of, run

HERE = Path(__file__).parent
ENGINES = ("duckdb", "postgres")
_KEPT_SCHEMAS = ("information_schema", "pg_catalog", "pg_toast", "main", "public")


@dataclass(frozen=True)
class Company:
    """A copy of the project with the company's seeds, and a warehouse of its own.

    dbt runs in this process and reads the project once: its settings must not change afterwards,
    rows of seeds may.
    """

    root: Path
    project: Project

    def load(self, *parts: str) -> None:
        """Load these folders of `logs/`, and what else lies among the raw files."""
        for part in parts:
            for source in (HERE / "logs" / part).iterdir():
                shutil.copytree(source, self.project.raw_dir / source.name / part)
        run(dict(os.environ), "load")

    def empty(self) -> None:
        """Forget all that was loaded and built."""
        shutil.rmtree(self.project.raw_dir, ignore_errors=True)
        with open_warehouse(self.project) as warehouse:
            schemas = warehouse.query(
                "select distinct schema_name from information_schema.schemata"
            )
            for (schema,) in schemas:
                if schema not in _KEPT_SCHEMAS:
                    warehouse.execute(f'drop schema if exists "{schema}" cascade')

    def build(self, *arguments: str) -> None:
        """Run `dbt build` without tests; a failure fails the test with dbt's messages."""
        self._dbt("build", *arguments, "--exclude-resource-type", "test", "unit_test")

    @cached_property
    def manifest(self) -> Any:
        """The project as dbt reads it."""
        return self._dbt("parse").result

    def _dbt(self, command: str, *arguments: str) -> Any:
        # Takes seconds, which the collection of tests should not spend.
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        line = ["--quiet", "--no-use-colors", "--log-level-file", "none", command, *arguments]
        line += ["--project-dir", str(self.root), "--profiles-dir", str(self.root)]
        manifest = None if command == "parse" else self.manifest
        done = dbtRunner(manifest=manifest).invoke(line)
        # Else nobody else may open the file.
        DuckDBConnectionManager.close_all_connections()
        if not done.success:
            failed = [
                f"{result.node.name}: {result.message}"
                for result in getattr(done.result, "results", ())
                if result.status == "error"
            ]
            told = [str(done.exception)] if done.exception else []
            pytest.fail("\n".join([f"dbt {command}", *failed, *told]), pytrace=False)
        return done


@contextmanager
def new_company(root: Path, engine: str) -> Iterator[Company]:
    """The company on one engine; skips the test where there is no PostgreSQL."""
    with ExitStack() as stack:
        database = stack.enter_context(new_database()) if engine == "postgres" else ""
        copy_project(root)
        shutil.copytree(HERE / "seeds", root / "seeds", dirs_exist_ok=True)
        stack.enter_context(environment_of(root))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("DBT_TARGET", engine)
        patch.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        patch.setenv("PGTZ", "UTC")
        if database:
            patch.setenv("CHARGEBACK_PG_DBNAME", database)
        project = Project.find()
        # Read the profile now: it depends on the environment of this engine.
        assert project.profile["type"] == engine
        install_packages(project)
        yield Company(root, project)
