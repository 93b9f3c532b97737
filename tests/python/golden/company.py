"""The tiny company of this folder on either engine: its project, its logs, and its commands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from chargeback.project import Project
from postgres import new_database
from rules.project import copy_project, environment_of, run

HERE = Path(__file__).parent
ENGINES = ("duckdb", "postgres")
NO_TESTS = "test unit_test"


@dataclass(frozen=True)
class Company:
    """A copy of the project with the company's seeds, and an empty warehouse of its own."""

    root: Path
    project: Project
    environment: dict[str, str]

    def load(self, *parts: str) -> None:
        """Load these folders of `logs/`."""
        for part in parts:
            for source in (HERE / "logs" / part).iterdir():
                shutil.copytree(source, self.project.raw_dir / source.name / part)
        run(self.environment, "load")

    def build(self, *arguments: str) -> None:
        """Build without dbt's tests."""
        run(self.environment, "build", *arguments, DBT_EXCLUDE_RESOURCE_TYPES=NO_TESTS)


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
        if database:
            patch.setenv("CHARGEBACK_PG_DBNAME", database)
        project = Project.find()
        # Read the profile now: it depends on the environment of this engine.
        assert project.profile["type"] == engine
        yield Company(root, project, dict(os.environ))
