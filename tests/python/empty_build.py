"""The project built on DuckDB without a row: all columns are there, and it takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chargeback.dbt import dbt_command

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Built:
    """dbt's manifest, the columns (name -> type) of every relation by schema and name, and SQL.

    `sql` has what dbt runs for each model: on a first build, and on a later one.
    """

    manifest: dict[str, Any]
    columns: dict[tuple[str, str], dict[str, str]]
    sql: dict[str, tuple[str, str]]

    def nodes(self, *types: str) -> Iterator[dict[str, Any]]:
        """Nodes of this project of some resource types, by name."""
        nodes = (*self.manifest["nodes"].values(), *self.manifest["sources"].values())
        for node in sorted(nodes, key=lambda node: (node["schema"], node["name"])):
            if node["package_name"] == "llm_chargeback" and node["resource_type"] in types:
                yield node

    def columns_of(self, node: dict[str, Any]) -> dict[str, str]:
        """Columns of a model or seed in the warehouse."""
        return self.columns[node["schema"], node["alias"]]


def build_empty(work: Path) -> Built:
    """Build every model and seed in a folder; a failure fails the test with dbt's output."""
    (work / "profiles.yml").write_bytes((ROOT / "profiles.example.yml").read_bytes())
    run_dbt(work, "build", "--empty", "--exclude-resource-type", "test", "unit_test")
    manifest = _manifest(work)
    first = _compiled(manifest)
    # What is there already makes the second time incremental.
    run_dbt(work, "compile", "--select", "resource_type:model")
    later = _compiled(_manifest(work))
    columns: dict[tuple[str, str], dict[str, str]] = {}
    with duckdb.connect(str(work / "empty.duckdb"), read_only=True) as connection:
        for schema, table, name, type_ in connection.execute(
            "select table_schema, table_name, column_name, data_type"
            " from information_schema.columns order by ordinal_position"
        ).fetchall():
            columns.setdefault((schema, table), {})[name] = type_
    return Built(manifest, columns, {name: (sql, later[name]) for name, sql in first.items()})


def run_dbt(work: Path, *arguments: str) -> None:
    """Run dbt on the warehouse in a folder; a failure fails the test with its output."""
    done = subprocess.run(
        dbt_command(
            [*arguments, *("--project-dir", str(ROOT), "--target", "duckdb", "--no-use-colors")]
        ),
        cwd=work,
        env={
            **os.environ,
            "CHARGEBACK_DUCKDB_PATH": str(work / "empty.duckdb"),
            "DBT_PROFILES_DIR": str(work),
            "DBT_TARGET_PATH": str(work / "target"),
            "DBT_LOG_PATH": str(work / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"dbt {' '.join(arguments)}:\n{done.stdout}", pytrace=False)


def _manifest(work: Path) -> dict[str, Any]:
    return json.loads((work / "target" / "manifest.json").read_text(encoding="utf-8"))


def _compiled(manifest: dict[str, Any]) -> dict[str, str]:
    return {
        node["name"]: node["compiled_code"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["package_name"] == "llm_chargeback"
    }
