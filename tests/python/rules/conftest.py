"""One small company, built after its first load, after its second, and from scratch.

A test module says what is logged in its variable `LOGS`. The rows of all collected modules are
loaded together, so every case uses ids, traces, users and (for outcomes) features of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from chargeback.dbt import run_dbt
from chargeback.project import Project
from chargeback.warehouse import Warehouse, open_warehouse
from engines.snapshots import Row, relations, snapshot
from rules.agreed import add_to, price_change
from rules.logs import FIRST, SECOND, THIRD, Logs, write
from rules.project import ROOT, copy_project, environment_of, run

TABLES = "config.materialized:incremental config.materialized:table"
IDS = {
    "litellm": ("litellm_spend_logs", "request_id"),
    "otel": ("otel_spans", "span_id"),
    "langfuse": ("langfuse_observations", "observation_id"),
    "bedrock": ("bedrock_invocations", "request_id"),
    "openai": ("openai_usage", "user_id"),
    "anthropic": ("anthropic_usage", "account_id"),
    "retrieval": ("retrieval_queries", "query_id"),
}

Mart = tuple[list[str], list[Row]]


@dataclass(frozen=True)
class Fate:
    """What became of one raw row: `event`, `duplicate` (of `row`), `rejected` or `other`.

    `row` of an export that is not billed is its own.
    """

    kind: str
    row: dict[str, Any]


@dataclass(frozen=True)
class State:
    """Marts at one moment: as rows, and as a snapshot to compare."""

    marts: dict[str, list[dict[str, Any]]]
    snapshots: dict[str, Mart]
    raw_ids: dict[tuple[str, str], list[tuple[int, int]]]

    def rows(self, mart: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of a mart whose columns have these values."""
        return [
            row
            for row in self.marts[mart]
            if all(row[column] == value for column, value in values.items())
        ]

    def one(self, mart: str, **values: Any) -> dict[str, Any]:
        """The only such row."""
        rows = self.rows(mart, **values)
        assert len(rows) == 1, f"{len(rows)} rows of {mart} with {values}: {rows}"
        return rows[0]

    def fates(self, source: str, name: str) -> list[Fate]:
        """What became of each raw row with this id, in the order of loading."""
        return [self._fate(source, *place) for place in sorted(self.raw_ids[source, name])]

    def event(self, source: str, name: str) -> dict[str, Any]:
        """The event of the only raw row with this id; fails when it is no event of its own."""
        kinds = self.fates(source, name)
        assert [fate.kind for fate in kinds] == ["event"], kinds
        return kinds[0].row

    def _fate(self, source: str, load_id: int, line_number: int) -> Fate:
        place = {"source_name": source, "load_id": load_id, "line_number": line_number}
        events = self.rows("fct_usage_events", **place)
        duplicates = self.rows("fct_duplicate_events", **place)
        rejected = self.rows("fct_rejected_events", **place)
        assert len(events) + len(duplicates) + len(rejected) <= 1
        if events:
            return Fate("event", events[0])
        if rejected:
            return Fate("rejected", rejected[0])
        if duplicates and duplicates[0]["duplicate_reason"] != "same call":
            return Fate("duplicate", duplicates[0])
        if duplicates:
            event_id = duplicates[0]["event_id"]
            return Fate("duplicate", self.one("fct_usage_events", event_id=event_id))
        return Fate("other", {})


@dataclass(frozen=True)
class Built:
    """The states of the company's warehouse, and how many lines were written for it."""

    first: State
    second: State
    rebuilt: State
    lines: dict[str, int]

    def event(self, source: str, name: str) -> dict[str, Any]:
        """See `State.event`, after both loads."""
        return self.second.event(source, name)


@pytest.fixture(scope="session")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The company of all collected modules of this folder."""
    modules = {item.module for item in request.session.items if hasattr(item, "module")}
    logs = [
        module.LOGS
        for module in sorted(modules, key=lambda module: module.__name__)
        if isinstance(getattr(module, "LOGS", None), Logs)
    ]
    root = copy_project(tmp_path_factory.mktemp("rules"))
    with environment_of(root) as environment:
        project = Project.find()
        lines: dict[str, int] = {}
        states = []
        # A selection is never refreshed as a whole, although the second load changes the directory.
        for load, selection in ((FIRST, ()), (SECOND, ("--select", TABLES))):
            for table, count in write(logs, load, project.raw_dir).items():
                lines[table] = lines.get(table, 0) + count
            run(environment, "load")
            run(environment, "build", *selection, DBT_EXCLUDE_RESOURCE_TYPES="test unit_test")
            states.append(_state(project))
        run(
            environment,
            "build",
            "--full-refresh",
            "--select",
            TABLES,
            DBT_EXCLUDE_RESOURCE_TYPES="seed test unit_test",
        )
        return Built(states[0], states[1], _state(project), lines)


@dataclass(frozen=True)
class Agreed:
    """The company with its agreements (`rules.agreed`), after all loads.

    `refused` are the tests in `tests/singular` that its seeds fail.
    """

    root: Path
    state: State
    refused: frozenset[str]

    def event(self, name: str, source: str = "litellm") -> dict[str, Any]:
        """See `State.event`."""
        return self.state.event(source, name)

    def days(self, provider: str, month: str, **values: Any) -> list[dict[str, Any]]:
        """Daily costs of a provider in a month (`2026-03`) or on a day."""
        return [
            row
            for row in self.state.rows("fct_team_daily_costs", provider=provider, **values)
            if row["event_date"].isoformat().startswith(month)
        ]

    def bridge(self, provider: str, month: str) -> dict[str, Any]:
        """Amounts from list to effective cost of a month, by step."""
        return {
            row["step"]: row["amount_usd"]
            for row in self.state.rows("fct_cost_bridge", provider=provider)
            if row["period"].isoformat().startswith(month)
        }


@dataclass(frozen=True)
class Repriced:
    """The same before and after tomorrow's price book, which an increment and a rebuild read."""

    before: State
    increment: State
    rebuilt: State


@pytest.fixture(scope="session")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> Agreed:
    """Built once from what all modules of this folder log, in `LOGS` and `CALLS`."""
    root = copy_project(tmp_path_factory.mktemp("agreed"))
    add_to(root)
    with environment_of(root) as environment:
        project = Project.find()
        for load in (FIRST, SECOND):
            write(_all_logs("LOGS", "CALLS"), load, project.raw_dir)
            run(environment, "load")
        run(environment, "build", DBT_EXCLUDE_RESOURCE_TYPES="test unit_test")
        shutil.copytree(ROOT / "tests" / "singular", root / "tests" / "singular")
        tested = run_dbt(project, "test", ["--select", "test_type:singular"], Console(quiet=True))
        # "test <name>: <what was found>"
        refused = frozenset(problem.split(":")[0].split()[1] for problem in tested.problems)
        return Agreed(root, _state(project), refused)


@pytest.fixture(scope="session")
def repriced(agreed: Agreed) -> Repriced:
    """Every price in use ends, another begins; calls of both sides arrive (`TOMORROW`)."""
    price_change(agreed.root)
    with environment_of(agreed.root) as environment:
        project = Project.find()
        write(_all_logs("TOMORROW"), THIRD, project.raw_dir)
        run(environment, "load")
        states = []
        for options in ((), ("--full-refresh",)):
            selection = ("--select", f"resource_type:seed {TABLES}")
            no_tests = "test unit_test"
            run(environment, "build", *options, *selection, DBT_EXCLUDE_RESOURCE_TYPES=no_tests)
            states.append(_state(project))
        return Repriced(agreed.state, *states)


def _all_logs(*names: str) -> list[Logs]:
    """These variables of every module beside this file."""
    modules = [
        import_module(f"rules.{path.stem}") for path in sorted(Path(__file__).parent.glob("test_*"))
    ]
    found = [getattr(module, name, None) for module in modules for name in names]
    return [logs for logs in found if isinstance(logs, Logs)]


def _state(project: Project) -> State:
    with open_warehouse(project, read_only=True) as warehouse:
        names = relations(warehouse, warehouse.schema)
        marts = {name: list(_dicts(warehouse, name)) for name in names}
        snapshots = {name: snapshot(warehouse, warehouse.schema, name) for name in names}
        raw_ids: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for source, (table, column) in IDS.items():
            if not warehouse.has_relation(warehouse.raw_schema, table):
                continue
            found = warehouse.query(
                f'select {column}, _load_id, _line_number from "{warehouse.raw_schema}".{table}'
            )
            for name, load_id, line_number in found:
                raw_ids.setdefault((source, name), []).append((load_id, line_number))
    return State(marts, snapshots, raw_ids)


def _dicts(warehouse: Warehouse, name: str) -> Iterator[dict[str, Any]]:
    columns = warehouse.relation_columns(warehouse.schema, name)
    picked = ", ".join(f'"{column}"' for column in columns)
    for row in warehouse.query(f'select {picked} from "{warehouse.schema}"."{name}"'):
        yield dict(zip(columns, row, strict=True))
