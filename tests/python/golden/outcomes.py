"""What became of each raw row of a warehouse, in the words of `expected.csv`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from chargeback.project import Project
from chargeback.warehouse import Warehouse, open_warehouse
from golden.expectations import EVENT, MONEY, TEXTS

IDS = {
    "litellm": ("litellm_spend_logs", "request_id"),
    "otel": ("otel_spans", "span_id"),
    "langfuse": ("langfuse_observations", "observation_id"),
    "retrieval": ("retrieval_queries", "query_id"),
}
_EVENTS = ("event_id", "source_name", "load_id", "line_number", "event_at", *TEXTS, *MONEY)

Place = tuple[str, int, int]


@dataclass(frozen=True)
class Outcome:
    """What became of one raw row: as `becomes` of the table says it, and the event's values."""

    becomes: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Outcomes:
    """Outcomes by source and id (of rows with the same id in the order of loading), and sums."""

    rows: dict[tuple[str, str], list[Outcome]]
    daily: list[dict[str, Any]]
    accounts: list[dict[str, Any]]


def outcomes(project: Project) -> Outcomes:
    """Read the marts."""
    with open_warehouse(project, read_only=True) as warehouse:
        raw = raw_ids(warehouse)
        events = _by_place(mart_rows(warehouse, "fct_usage_events", *_EVENTS))
        place_of_event = {row["event_id"]: place for place, row in events.items()}
        duplicates = _by_place(mart_rows(warehouse, "fct_duplicate_events"))
        rejected = _by_place(mart_rows(warehouse, "fct_rejected_events"))
        daily = mart_rows(warehouse, "fct_team_daily_costs")
        accounts = mart_rows(warehouse, "fct_row_accounts")
    found: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for place, name in sorted(raw.items(), key=lambda item: item[0]):
        if place in events:
            event = events[place]
            outcome = Outcome(EVENT, {name: event[name] for name in ("event_at", *TEXTS, *MONEY)})
        elif place in duplicates:
            kept = place_of_event.get(duplicates[place]["event_id"])
            told = f"{kept[0]} {raw[kept]}" if kept else "an event that is not there"
            outcome = Outcome(f"duplicate of {told}", {})
        elif place in rejected:
            outcome = Outcome(f"rejected: {rejected[place]['reject_reason']}", {})
        else:
            outcome = Outcome("other", {})
        found[place[0], name].append(outcome)
    return Outcomes(dict(found), daily, accounts)


def raw_ids(warehouse: Warehouse) -> dict[Place, str]:
    """Id of each raw row, by source, load and line."""
    return {
        (source, load_id, line_number): name
        for source, (table, column) in IDS.items()
        for name, load_id, line_number in warehouse.query(
            f'select {column}, _load_id, _line_number from "{warehouse.raw_schema}".{table}'
        )
    }


def mart_rows(warehouse: Warehouse, mart: str, *columns: str) -> list[dict[str, Any]]:
    """Rows of a mart, with these columns or all."""
    names = columns or tuple(warehouse.relation_columns(warehouse.schema, mart))
    rows = warehouse.query(f'select {", ".join(names)} from "{warehouse.schema}"."{mart}"')
    return [dict(zip(names, row, strict=True)) for row in rows]


def _by_place(rows: list[dict[str, Any]]) -> dict[Place, dict[str, Any]]:
    found = {(row["source_name"], row["load_id"], row["line_number"]): row for row in rows}
    assert len(found) == len(rows), "two rows of a mart have the same source, load and line"
    return found
