"""Nothing is lost, nothing counts twice, and the way of building makes no difference."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engines.snapshots import Row

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
# Owners of this day come with the second load; see test_attribution.
LATE_DIRECTORY_DAY = "2026-03-03"
LATE_DIRECTORY_ROWS = {
    "event_date": LATE_DIRECTORY_DAY,
    "period": "2026-03-01",
    "run_month": "2026-03-01",
    "turn_month": "2026-03-01",
}
"""Column of a mart by team -> value of the rows that have something of this day."""
MARTS = sorted(path.stem for path in (ROOT / "models" / "marts").rglob("*.sql"))
SOURCE_TABLES = {
    "litellm": "litellm/spend_logs",
    "otel": "otel/spans",
    "langfuse": "langfuse/observations",
    "bedrock": "bedrock/invocations",
    "openai": "openai/usage",
    "anthropic": "anthropic/usage",
    "retrieval": "retrieval/queries",
}
Mart = tuple[list[str], list[Row]]
STATES = ("first", "second", "rebuilt")
REQUIRED_TAGS = ("project", "environment", "owner", "team", "feature")
# Column of a daily mart -> what it is of one event.
MEASURES = {
    "event_count": lambda event: 1,
    "failed_event_count": lambda event: int(event["status"] == "failure"),
    "gateway_cache_hit_count": lambda event: int(event["is_gateway_cache_hit"]),
    "unpriced_event_count": lambda event: int(event["pricing_status"] == "unpriced"),
    "estimated_event_count": lambda event: int(event["usage_source"] in ("estimated", "missing")),
    "input_tokens": lambda event: event["input_tokens"],
    "cache_read_tokens": lambda event: event["cache_read_tokens"],
    "cache_write_tokens": lambda event: (
        event["cache_write_5m_tokens"] + event["cache_write_1h_tokens"]
    ),
    "output_tokens": lambda event: event["output_tokens"],
    "unpriced_tokens": lambda event: (
        event["input_tokens"] + event["output_tokens"]
        if event["pricing_status"] == "unpriced"
        else 0
    ),
    "list_cost_usd": lambda event: event["list_cost_usd"] or Decimal(0),
    "avoided_cost_usd": lambda event: event["avoided_cost_usd"],
    "reported_cost_usd": lambda event: event["reported_cost_usd"] or Decimal(0),
    "failed_cost_usd": lambda event: (
        (event["list_cost_usd"] or Decimal(0)) if event["status"] == "failure" else Decimal(0)
    ),
    "estimated_cost_usd": lambda event: (
        (event["list_cost_usd"] or Decimal(0))
        if event["usage_source"] == "estimated"
        else Decimal(0)
    ),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("mart", ["fct_team_daily_costs", "fct_feature_daily_costs"])
@pytest.mark.parametrize("measure", MEASURES)
def test_a_daily_mart_sums_to_the_events(built, state, mart, measure) -> None:
    marts = getattr(built, state).marts
    events = sum(MEASURES[measure](event) for event in marts["fct_usage_events"])
    assert sum(row[measure] or 0 for row in marts[mart]) == events


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("tag", REQUIRED_TAGS)
def test_tag_coverage_counts_every_event_once(built, state, tag) -> None:
    marts = getattr(built, state).marts
    events = marts["fct_usage_events"]
    rows = [row for row in marts["fct_tag_coverage"] if row["tag"] == tag]
    assert sum(row["event_count"] for row in rows) == len(events)
    money = sum(event["list_cost_usd"] or 0 for event in events)
    assert sum(row["cost_usd"] for row in rows) == money
    for row in rows:
        assert row["missing_event_count"] + row["invalid_event_count"] <= row["event_count"]


@pytest.mark.parametrize("state", STATES)
def test_every_row_is_accounted_for(built, state) -> None:
    marts = getattr(built, state).marts
    for row in marts["fct_row_accounts"]:
        assert row["difference_count"] == 0, row
        name = row["source_name"]
        for column, mart in (
            ("event_count", "fct_usage_events"),
            ("duplicate_count", "fct_duplicate_events"),
            ("rejected_count", "fct_rejected_events"),
        ):
            count = sum(event["source_name"] == name for event in marts[mart])
            assert row[column] == count, (name, column)


@pytest.mark.parametrize("source", SOURCE_TABLES)
def test_rows_read_are_the_lines_written(built, source) -> None:
    rows = built.second.rows("fct_row_accounts", source_name=source)
    written = built.lines.get(SOURCE_TABLES[source], 0)
    assert sum(row["row_count"] for row in rows) == written


def test_outcomes_carry_no_more_than_the_events_cost(built) -> None:
    marts = built.second.marts
    money = sum(row["cost_usd"] for row in marts["fct_outcome_costs"])
    assert money <= sum(event["list_cost_usd"] or 0 for event in marts["fct_usage_events"])


@pytest.mark.parametrize("state", STATES)
def test_no_event_has_two_records_of_itself(built, state) -> None:
    events = getattr(built, state).marts["fct_usage_events"]
    assert len({event["event_id"] for event in events}) == len(events)
    for event in events:
        assert event["input_tokens"] == (
            event["uncached_input_tokens"]
            + event["cache_read_tokens"]
            + event["cache_write_5m_tokens"]
            + event["cache_write_1h_tokens"]
        )
        assert event["reasoning_tokens"] <= event["output_tokens"]
        assert (event["list_cost_usd"] is None) == (event["pricing_status"] == "unpriced")


# The backlog sums all days, the late directory's too; `fct_attribution_coverage` has them apart.
@pytest.mark.parametrize("mart", [mart for mart in MARTS if mart != "fct_attribution_backlog"])
def test_the_second_load_gives_what_a_full_refresh_gives(built, mart) -> None:
    """But for `last_load_id`, which says when a row was worked on."""
    columns, rows = _without_bookkeeping(built.second.snapshots[mart])
    rebuilt_columns, rebuilt = _without_bookkeeping(built.rebuilt.snapshots[mart])
    assert columns == rebuilt_columns
    only_here = sorted(set(rows) - set(rebuilt), key=repr)
    only_there = sorted(set(rebuilt) - set(rows), key=repr)
    different = {
        column: (here, there)
        for pair in zip(only_here, only_there, strict=False)
        for column, here, there in zip(columns, *pair, strict=True)
        if here != there
    }
    assert (len(only_here), len(only_there), different) == (0, 0, {})
    assert sorted(rows, key=repr) == sorted(rebuilt, key=repr)


def _without_bookkeeping(mart: Mart) -> Mart:
    columns, rows = mart
    for column, value in LATE_DIRECTORY_ROWS.items():
        if column in columns and "team_id" in columns:
            day = columns.index(column)
            rows = [row for row in rows if row[day] != value]
    kept = [n for n, column in enumerate(columns) if column != "last_load_id"]
    return [columns[n] for n in kept], [tuple(row[n] for n in kept) for row in rows]
