"""Rates requests with the project's own SQL, in a warehouse that holds nothing else.

dbt builds an empty warehouse: seeds, and every model that rating needs. Then the requests take the
place of the events that attribution would give (`int_usage_events_attributed`, same columns, same
types), dbt resolves the names they are logged under, and rating is read as the view it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from rich.console import Console

from chargeback.dbt import DbtResult, print_problems, run_dbt
from chargeback.project import Project
from chargeback.warehouse import Warehouse, open_warehouse

ROOT = Path(__file__).resolve().parents[3]
EVENTS, RATED = "int_usage_events_attributed", "int_usage_events_rated"
_COMPANY_SEEDS = ("price_overrides", "negotiated_rates", "commitments", "model_deployments")
_NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
_COLUMNS = (
    "line_number",
    "provider",
    "model_id",
    "pricing_status",
    "list_cost_usd",
)

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Rated:
    """What rating says about one event. `cost` is null without a price."""

    provider: str
    model_id: str
    status: str
    cost: Decimal | None


class RatingWarehouse:
    """A DuckDB file in `folder` that rates what it is given.

    `deployments`: name, provider and model of what a company gave names of its own.
    """

    def __init__(self, folder: Path, deployments: Iterable[tuple[str, str, str]] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "profiles.yml").write_bytes((ROOT / "profiles.example.yml").read_bytes())
        self.environment = {
            "CHARGEBACK_PROJECT_DIR": str(ROOT),
            "CHARGEBACK_RAW_DIR": str(folder / "raw"),
            "CHARGEBACK_DUCKDB_PATH": str(folder / "proof.duckdb"),
            "DBT_PROFILES_DIR": str(folder),
            "DBT_TARGET": "duckdb",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        with self._project() as project:
            self.schema = f"{project.schema}_intermediate"
            _run(project, "build", "--select", f"+{RATED}", *_COMPANY_SEEDS, *_NO_TESTS)
            with open_warehouse(project) as warehouse:
                # What a company agreed on is not what is compared.
                for seed in _COMPANY_SEEDS:
                    warehouse.execute(f"delete from {project.schema}_seeds.{seed}")
                for deployment in deployments:
                    warehouse.execute(
                        f"insert into {project.schema}_seeds.model_deployments "
                        "(deployment, provider, model) values (?, ?, ?)",
                        deployment,
                    )
                place = f"{self.schema}.{EVENTS}"
                warehouse.execute(f"create table {self.schema}.requests as from {place} limit 0")
                warehouse.execute(f"drop view {place}")
                warehouse.execute(f"alter table {self.schema}.requests rename to {EVENTS}")
                self.columns = warehouse.relation_columns(self.schema, EVENTS)

    def rate(self, events: Iterable[Event]) -> dict[int, Rated]:
        """Rate events, by `line_number`. A column that an event does not name is 0, or null."""
        events = list(events)
        columns = sorted({column for event in events for column in event})
        arrays = {column: self._array(column, events) for column in columns}
        with self.open() as warehouse:
            warehouse.connection.register("given", pa.table(arrays))
            self.fill(warehouse, "given", columns)
        self.resolve()
        with self.open() as warehouse:
            rows = warehouse.query(f"select {', '.join(_COLUMNS)} from {self.schema}.{RATED}")
        found = {number: Rated(*values) for number, *values in rows}
        assert len(found) == len(rows), "an event was rated twice"
        return found

    @contextmanager
    def open(self) -> Iterator[Warehouse]:
        """A connection to the file."""
        with self._project() as project, open_warehouse(project) as warehouse:
            yield warehouse

    def fill(self, warehouse: Warehouse, relation: str, columns: Iterable[str]) -> None:
        """Put the rows of a relation with these columns in the place of the events."""
        given = set(columns)
        unknown = given - set(self.columns)
        assert not unknown, f"{EVENTS} has no column {', '.join(sorted(unknown))}"
        values = ", ".join(f"{self._value(name, name in given)} as {name}" for name in self.columns)
        warehouse.execute(f"delete from {self.schema}.{EVENTS}")
        warehouse.execute(f"insert into {self.schema}.{EVENTS} select {values} from {relation}")
        warehouse.execute(f"delete from {self.schema}.int_models_seen")
        warehouse.execute(
            f"insert into {self.schema}.int_models_seen (load_id, provider_name, model_name) "
            f"select distinct 1, provider_name, model_name from {self.schema}.{EVENTS}"
        )

    def resolve(self) -> None:
        """Have dbt look up the names of the events, and prices without the company's."""
        with self._project() as project:
            rating = (f"+{RATED},path:models/intermediate/rating", "--exclude", "int_models_seen")
            _run(project, "run", "--select", *rating)

    def _array(self, column: str, events: list[Event]) -> pa.Array:
        values = [event.get(column) for event in events]
        kind = self.columns[column]
        if kind == "BIGINT":
            assert all(value is None or value == int(value) for value in values), column
            return pa.array([None if v is None else int(v) for v in values], pa.int64())
        if kind.startswith("DECIMAL"):
            scale = int(kind.rstrip(")").rpartition(",")[2])
            exact = [None if value is None else Decimal(value) for value in values]
            return pa.array(exact, pa.decimal128(38, scale))
        return pa.array(values)

    def _value(self, column: str, is_given: bool) -> str:
        kind = self.columns[column]
        is_count = kind == "BIGINT" or kind.startswith("DECIMAL(18")
        default = "0" if is_count and not column.startswith(("request_", "load_")) else "null"
        if column == "is_billed":
            default = "true"
        elif kind == "BOOLEAN":
            default = "false"
        value = f"coalesce({column}, {default})" if is_given else default
        return f"cast({value} as {kind})"

    def _project(self) -> Any:
        return _OnlyHere(self.environment)


class _OnlyHere:
    """The project as only the given environment sees it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.patch = pytest.MonkeyPatch()
        self.values = values

    def __enter__(self) -> Project:
        for name in list(os.environ):
            if name.startswith(("CHARGEBACK_", "DBT_")):
                self.patch.delenv(name)
        for name, value in self.values.items():
            self.patch.setenv(name, value)
        return Project.find()

    def __exit__(self, *_: object) -> None:
        self.patch.undo()


def _run(project: Project, command: str, *arguments: str) -> DbtResult:
    console = Console(file=StringIO(), record=True)
    result = run_dbt(project, command, arguments, console)
    if result.exit_code:
        print_problems(result, console)
        pytest.fail(f"dbt {command} {' '.join(arguments)}:\n{console.export_text()}", pytrace=False)
    return result
