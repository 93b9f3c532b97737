"""Agent runs of each instrumentation: the right calls, and no token twice.

The files are made up here; `CHARGEBACK_OTEL_LOGS` may name a folder of real OTLP JSON files, which
are counted and compared in the same way.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chargeback.project import Project
from chargeback.warehouse import open_warehouse
from rules.logs import trace_id
from rules.project import copy_project, environment_of, run
from traces.count import Trace, count_traces
from traces.dialects import RUNS, write_files

pytestmark = pytest.mark.slow
FOLDER = os.environ.get("CHARGEBACK_OTEL_LOGS", "")
COLUMNS = {
    "llm_call_count": "chat",
    "embedding_call_count": "embeddings",
    "retrieval_call_count": "retrieval",
    "tool_call_count": "execute_tool",
}
HAND = {
    "llm": "chat",
    "embeddings": "embeddings",
    "retrievals": "retrieval",
    "tools": "execute_tool",
}


@dataclass(frozen=True)
class Compared:
    """What was counted in the files, and what was built from them, by trace id."""

    counted: dict[str, Trace]
    runs: dict[str, dict[str, Any]]
    tokens: dict[str, int]
    events: int


def _compare(files: list[Path], root: Path) -> Compared:
    root.mkdir(parents=True, exist_ok=True)
    copy_project(root)
    logs = root / "raw" / "otel"
    logs.mkdir(parents=True)
    for path in files:
        shutil.copyfile(path, logs / path.name)
    with environment_of(root) as environment:
        run(environment, "load")
        run(
            environment,
            "build",
            "--select",
            "+fct_agent_runs +fct_usage_events",
            DBT_EXCLUDE_RESOURCE_TYPES="test unit_test",
        )
        with open_warehouse(Project.find(), read_only=True) as warehouse:
            schema = warehouse.schema
            columns = list(warehouse.relation_columns(schema, "fct_agent_runs"))
            found = warehouse.query(f"select {', '.join(columns)} from {schema}.fct_agent_runs")
            runs = [dict(zip(columns, row, strict=True)) for row in found]
            # Only what a source reported: estimates come from the text, which is not counted here.
            tokens = warehouse.query(
                "select spans.trace_id, sum(events.input_tokens + events.output_tokens) "
                f"from {schema}.fct_usage_events as events "
                f"inner join {warehouse.raw_schema}.otel_spans as spans "
                "on events.load_id = spans._load_id and events.line_number = spans._line_number "
                "where events.usage_source = 'reported' group by spans.trace_id"
            )
            events = warehouse.scalar(f"select count(*) from {schema}.fct_usage_events")
    by_trace = {row["trace_id"]: row for row in runs}
    assert len(by_trace) == len(runs)
    return Compared(count_traces(files), by_trace, dict(tokens), events)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """The dialects written here."""
    folder = tmp_path_factory.mktemp("dialects")
    return _compare(write_files(folder / "files"), folder / "project")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    """The real files."""
    files = sorted(Path(FOLDER).glob("*.jsonl"))
    assert files, f"CHARGEBACK_OTEL_LOGS={FOLDER} has no .jsonl file"
    yield _compare(files, tmp_path_factory.mktemp("real"))


@pytest.fixture(
    params=[
        "made_up",
        pytest.param(
            "real", marks=pytest.mark.skipif(not FOLDER, reason="CHARGEBACK_OTEL_LOGS is not set")
        ),
    ]
)
def compared(request: pytest.FixtureRequest) -> Compared:
    """Each set of files."""
    return request.getfixturevalue(request.param)


def test_the_right_traces_are_runs(compared: Compared) -> None:
    expected = {name: trace.run_kind for name, trace in compared.counted.items() if trace.run_kind}
    assert {name: row["run_kind"] for name, row in compared.runs.items()} == expected


def test_each_run_has_its_calls(compared: Compared) -> None:
    for name, row in compared.runs.items():
        trace = compared.counted[name]
        assert {column: row[column] for column in COLUMNS} == {
            column: trace.count(kind) for column, kind in COLUMNS.items()
        }, name
        assert (row["status"] == "failure") == trace.failed


def test_every_call_is_one_event(compared: Compared) -> None:
    calls = sum(len(calls) for trace in compared.counted.values() for calls in trace.calls.values())
    assert compared.events == calls


def test_no_token_is_counted_twice(compared: Compared) -> None:
    """Two libraries may differ by a token in what they say of one call: either is right."""
    for name, trace in compared.counted.items():
        told = [c for calls in trace.calls.values() for c in calls if c.most is not None]
        fewest, most = sum(c.fewest or 0 for c in told), sum(c.most or 0 for c in told)
        assert fewest <= compared.tokens.get(name, 0) <= most, name


@pytest.mark.parametrize("write", RUNS, ids=lambda write: write.__name__)
@pytest.mark.parametrize("copy", ["a", "b"])
def test_counts_by_hand(made_up: Compared, write, copy) -> None:
    """What the counting above is checked against."""
    name = trace_id(f"{write.__name__}-{copy}")
    trace, expected = made_up.counted[name], RUNS[write]
    assert trace.run_kind == expected.kind
    assert {hand: trace.count(kind) for hand, kind in HAND.items()} == {
        hand: getattr(expected, hand) for hand in HAND
    }
    assert made_up.tokens.get(name, 0) == expected.tokens


def test_a_run_over_midnight_is_one(made_up: Compared) -> None:
    row = made_up.runs[trace_id("pydantic_ai-a")]
    assert row["started_at"].date() == row["run_date"]
    assert row["ended_at"].date() > row["run_date"]
    assert (row["depth"], row["agent_count"]) == (3, 1)
