"""Design 5: running again with tomorrow's price book changes nothing about yesterday's events.

Yesterday is all that the modules of this folder log. See `rules.agreed.price_change`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rules.agreed import CHANGE
from rules.conftest import State
from rules.logs import FIRST, THIRD, Logs
from rules.prices import per_million

pytestmark = pytest.mark.slow
CALLS, TOMORROW = Logs(), Logs()
# The month in which late logs still arrive.
LATE_MONTH = "2026-12-01"
WAYS = ("increment", "rebuilt")
# Time columns of the marts that have one.
DATES = ("event_date", "outcome_date", "period")

# name -> id, list cost
CALLED: dict[str, tuple[str, Decimal]] = {}


def _call(name: str, at: str, *parts: tuple[int, str], **columns: Any) -> None:
    row_id = TOMORROW.call(f"chatcmpl-tomorrow {name}", THIRD, at=at, **columns)
    CALLED[name] = (row_id, per_million(*parts))


# Late logs of the last moment before the change, and its first.
for _name, _at, _more in (
    ("before", "2026-12-31T23:59:59.999", 0),
    ("after", f"{CHANGE}T00:00:00", 1),
):
    # gpt-4.1: 2 and 8 a million, cached 0.5; batch 1 and 4; 1 more of each from the change on
    _call(f"plain {_name}", _at, (1000, str(2 + _more)), (100, str(8 + _more)))
    _call(
        f"cached {_name}",
        _at,
        (600, str(2 + _more)),
        (400, f"{_more}.5"),
        (100, str(8 + _more)),
        usage={"prompt_tokens_details": {"cached_tokens": 400}},
    )
    _call(
        f"batch {_name}",
        _at,
        (1000, str(1 + _more)),
        (100, str(4 + _more)),
        metadata={"cost_breakdown": {"service_tier": "batch"}},
    )
    # gemini-2.5-pro past 200,000 tokens: 2.5 and 15
    _call(
        f"long {_name}",
        _at,
        (200_001, f"{2 + _more}.5"),
        (100, str(15 + _more)),
        model="gemini/gemini-2.5-pro",
        prompt=200_001,
    )
# 600 tokens at the beginning of a month, 400 at its end: 10 % of both, though only one is new.
for _logs, _load, _day, _tokens in ((CALLS, FIRST, "02", 600), (TOMORROW, THIRD, "30", 400)):
    _logs.call(
        f"chatcmpl-late volume {_day}",
        _load,
        at=f"2026-12-{_day}T12:00:00",
        model="lateco/m",
        prompt=_tokens,
        completion=0,
        tags=("team:alpha",),
    )


def _yesterday(state: State, mart: str) -> list[tuple[Any, ...]]:
    """Rows of the months that nothing new is of; `last_load_id` says when a row was worked on."""
    columns, rows = state.snapshots[mart]
    day = next(columns.index(name) for name in DATES if name in columns)
    kept = [n for n, name in enumerate(columns) if name != "last_load_id"]
    return sorted(
        (tuple(row[n] for n in kept) for row in rows if row[day] and row[day] < LATE_MONTH),
        key=repr,
    )


def _dated_marts(state: State) -> list[str]:
    return [name for name, (columns, _) in state.snapshots.items() if set(DATES) & set(columns)]


def test_yesterday_is_not_empty(repriced) -> None:
    events = repriced.before.marts["fct_usage_events"]
    assert len(events) > 400
    assert {event["source_name"] for event in events} >= {"litellm", "otel", "retrieval", "bedrock"}
    assert {"fct_usage_events", "fct_team_daily_costs", "fct_cost_bridge"} <= set(
        _dated_marts(repriced.before)
    )


@pytest.mark.parametrize("way", WAYS)
def test_tomorrows_prices_change_nothing_of_yesterday(repriced, way) -> None:
    after = getattr(repriced, way)
    for mart in _dated_marts(repriced.before):
        assert _yesterday(after, mart) == _yesterday(repriced.before, mart), mart


def test_an_increment_does_not_touch_yesterday(repriced) -> None:
    before = {
        event["event_id"]: event["last_load_id"]
        for event in repriced.before.marts["fct_usage_events"]
    }
    after = {
        event["event_id"]: event["last_load_id"]
        for event in repriced.increment.marts["fct_usage_events"]
        if event["event_id"] in before
    }
    assert after == before


@pytest.mark.parametrize(
    ("state", "costs"),
    # 600 x 10; then 10 % off, and off 400 x 10
    [
        ("before", {"2026-12-02": "0.006"}),
        ("increment", {"2026-12-02": "0.0054", "2026-12-30": "0.0036"}),
        ("rebuilt", {"2026-12-02": "0.0054", "2026-12-30": "0.0036"}),
    ],
)
def test_a_late_step_of_the_month_is_for_its_first_day_too(repriced, state, costs) -> None:
    marts: State = getattr(repriced, state)
    by_team = marts.rows("fct_team_daily_costs", provider="lateco")
    found = {row["event_date"].isoformat(): row["contracted_cost_usd"] for row in by_team}
    assert found == {day: Decimal(cost) for day, cost in costs.items()}
    [discount] = [
        row["amount_usd"]
        for row in marts.rows("fct_cost_bridge", provider="lateco", step="volume_tiers")
    ]
    assert discount == sum(found.values()) - sum(row["list_cost_usd"] for row in by_team)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CALLED)
def test_an_event_takes_the_price_of_its_own_day(repriced, way, name) -> None:
    row_id, money = CALLED[name]
    event = getattr(repriced, way).event("litellm", row_id)
    assert (event["pricing_status"], event["list_cost_usd"]) == ("priced", money)
