"""A copy of the project for the small company, and the commands run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rules.company import SEEDS

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("dbt_project.yml", "packages.yml", "models", "macros", "seeds")
PACKAGES = "dbt_packages"

# Parsing them takes longer than anything else, and nothing here runs them.
_LEFT_OUT = shutil.ignore_patterns("*__unit_tests.yml")


def copy_project(root: Path) -> Path:
    """The project with the small company's seeds."""
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=_LEFT_OUT)
        else:
            shutil.copyfile(source, root / name)
    if (ROOT / PACKAGES).is_dir():
        shutil.copytree(ROOT / PACKAGES, root / PACKAGES)
    # The stand-in for dbt packages lies here, should they not be installed yet.
    shutil.copytree(ROOT / "scripts" / "offline_packages", root / "scripts" / "offline_packages")
    shutil.copyfile(ROOT / "profiles.example.yml", root / "profiles.yml")
    settings = root / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    assert "rule_tags: []" in text
    settings.write_text(text.replace("rule_tags: []", "rule_tags: [customer]"), encoding="utf-8")
    for name, text in SEEDS.items():
        (root / "seeds" / "company" / name).write_text(text, encoding="utf-8")
    return root


@contextmanager
def environment_of(root: Path) -> Iterator[dict[str, str]]:
    """Only this project counts: paths, profile and target of this machine are left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CHARGEBACK_KEEP_ATTRIBUTES", raising=False)
        for name, value in {
            "CHARGEBACK_PROJECT_DIR": str(root),
            "CHARGEBACK_RAW_DIR": str(root / "raw"),
            "CHARGEBACK_DUCKDB_PATH": str(root / "rules.duckdb"),
            "CHARGEBACK_THREADS": "2",
            "DBT_PROFILES_DIR": str(root),
            "DBT_TARGET": "duckdb",
            "DBT_TARGET_PATH": str(root / "target"),
            "DBT_LOG_PATH": str(root / "logs"),
        }.items():
            patch.setenv(name, value)
        yield dict(os.environ)


def run_command(environment: dict[str, str], *arguments: str, **more: str) -> tuple[int, str]:
    """Exit code and output of a command of the project."""
    done = subprocess.run(
        [sys.executable, "-m", "chargeback.cli", *arguments],
        cwd=environment["CHARGEBACK_PROJECT_DIR"],
        env={**environment, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def run(environment: dict[str, str], *arguments: str, **more: str) -> None:
    """Run a command of the project; a failure fails the test with its output."""
    code, output = run_command(environment, *arguments, **more)
    if code:
        pytest.fail(f"chargeback {' '.join(arguments)}:\n{output}", pytrace=False)
