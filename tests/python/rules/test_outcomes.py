"""Issue 2, 7: cost per outcome and team, by trace where there is one, else by feature and day."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rules.logs import FIRST, NOON, SECOND, Logs, trace_id
from rules.prices import PLAIN

pytestmark = pytest.mark.slow
LOGS = Logs()
DAY = NOON[:10]
QUERY = Decimal("0.00016")


def _traced(trace: str, feature: str, load: int = FIRST, calls: int = 1) -> None:
    """Calls of a trace; their feature and team are on the spans."""
    for n in range(calls):
        LOGS.span(
            f"{trace} {load} {n}",
            load,
            trace=trace,
            at=f"{DAY}T12:00:{10 + n}",
            attributes={"app.feature": feature},
        )


def _untraced(feature: str, number: int, load: int = FIRST) -> None:
    LOGS.call(f"chatcmpl-outcome {feature} {number}", load, tags=(f"feature:{feature}",))


# By trace: two calls and a retrieval.
_traced("outcome one", "outcome-trace", calls=2)
LOGS.query(
    "outcome's query", read_units=10, feature="outcome-trace", trace_id=trace_id("outcome one")
)
LOGS.outcome("by trace", trace_id=trace_id("outcome one"), team="beta", feature="outcome-trace")
# A trace with two outcomes of quantity 1 and 3.
_traced("outcome two", "outcome-shared", calls=2)
for _n, _quantity, _type in (("a", 1, "ticket_resolved"), ("b", 3, "onboarding")):
    LOGS.outcome(
        f"shared {_n}",
        trace_id=trace_id("outcome two"),
        quantity=_quantity,
        outcome_type=_type,
        team="beta",
        feature="outcome-shared",
    )
# By feature and day: two calls on the day, one on the next.
_untraced("outcome-day", 1)
_untraced("outcome-day", 2)
LOGS.call("chatcmpl-outcome next day", at="2026-09-02T00:00:00", tags=("feature:outcome-day",))
for _n in range(4):
    LOGS.outcome(f"by day {_n}", team="gamma", feature="outcome-day", at=f"{DAY}T23:59:59.999")
# Both: the day's outcomes share what no trace has taken.
_traced("outcome three", "outcome-mixed")
_untraced("outcome-mixed", 1)
LOGS.outcome(
    "mixed by trace", trace_id=trace_id("outcome three"), feature="outcome-mixed", team="gamma"
)
LOGS.outcome("mixed by day", feature="outcome-mixed", team="gamma")
# No cost, no quantity, a trace nobody knows, no outcomes.
LOGS.outcome("idle", feature="outcome-idle", team="gamma")
_untraced("outcome-zero", 1)
LOGS.outcome("zero", feature="outcome-zero", team="gamma", quantity=0)
_untraced("outcome-lost", 1)
LOGS.outcome("lost", trace_id=trace_id("never seen"), feature="outcome-lost", team="gamma")
_untraced("outcome-none", 1)
# Everything in two parts: a call of the trace, a call of the day, a mended value.
_traced("outcome late", "outcome-late", FIRST)
_traced("outcome late", "outcome-late", SECOND)
_untraced("outcome-late", 1, FIRST)
_untraced("outcome-late", 2, SECOND)
LOGS.outcome(
    "late by trace", trace_id=trace_id("outcome late"), feature="outcome-late", team="gamma"
)
LOGS.outcome("late by day", FIRST, feature="outcome-late", team="gamma", value=10, currency="USD")
LOGS.outcome("late by day", SECOND, feature="outcome-late", team="gamma", value=12, currency="USD")

# The gateway's call belongs to the trace that also tells it, whichever came first.
for _load in (FIRST, SECOND):
    _id = f"chatcmpl-outcome-merged-{_load}"
    LOGS.call(_id, _load, tags=("feature:outcome-merged",))
    LOGS.span(_id, FIRST + SECOND - _load, trace=_id, response=_id)
    LOGS.outcome(f"merged {_load}", trace_id=trace_id(_id), feature="outcome-merged", team="beta")

# The trace ran the day before its outcome; the day's own outcome takes what is left.
_traced("outcome overnight", "outcome-overnight")
_untraced("outcome-overnight", 1)
LOGS.outcome(
    "next day",
    trace_id=trace_id("outcome overnight"),
    feature="outcome-overnight",
    team="gamma",
    at="2026-09-02T08:00:00",
)
LOGS.outcome("same day", feature="outcome-overnight", team="gamma")
# Six shares of an amount that six does not divide.
_traced("outcome six", "outcome-six")
for _team in ("alpha", "beta", "gamma"):
    for _type in ("ticket_resolved", "onboarding"):
        LOGS.outcome(
            f"six {_team} {_type}",
            trace_id=trace_id("outcome six"),
            team=_team,
            feature="outcome-six",
            outcome_type=_type,
        )
# Named otherwise, or without a team.
_untraced("outcome-names", 1)
LOGS.outcome("named otherwise", feature=" OUTCOME names ", team="B-TEAM")
_untraced("outcome-teamless", 1)
LOGS.outcome("teamless", feature="outcome-teamless")
# Of a team that is closed by then: by its tag, and by its feature.
for _n, _team in enumerate(("retired", "")):
    LOGS.outcome(f"closed {_n}", feature="retired-tool", team=_team, at=f"2026-06-0{_n + 1}")
LOGS.outcome("open", feature="retired-tool", team="retired", at="2026-05-31T23:59:59")

# (feature, method, type) -> outcomes, quantity, cost, cost per outcome
OUTCOMES = {
    ("outcome-trace", "trace", "ticket_resolved"): (1, 1, PLAIN * 2 + QUERY, PLAIN * 2 + QUERY),
    ("outcome-shared", "trace", "ticket_resolved"): (1, 1, PLAIN / 2, PLAIN / 2),
    ("outcome-shared", "trace", "onboarding"): (1, 3, PLAIN * 3 / 2, PLAIN / 2),
    ("outcome-day", "feature_day", "ticket_resolved"): (4, 4, PLAIN * 2, PLAIN / 2),
    ("outcome-mixed", "trace", "ticket_resolved"): (1, 1, PLAIN, PLAIN),
    ("outcome-mixed", "feature_day", "ticket_resolved"): (1, 1, PLAIN, PLAIN),
    ("outcome-merged", "trace", "ticket_resolved"): (2, 2, PLAIN * 2, PLAIN),
    ("outcome-idle", "feature_day", "ticket_resolved"): (1, 1, 0, 0),
    ("outcome-lost", "feature_day", "ticket_resolved"): (1, 1, PLAIN, PLAIN),
    ("outcome-late", "trace", "ticket_resolved"): (1, 1, PLAIN * 2, PLAIN * 2),
    ("outcome-late", "feature_day", "ticket_resolved"): (1, 1, PLAIN * 2, PLAIN * 2),
}


@pytest.mark.parametrize(("feature", "method", "kind"), OUTCOMES)
def test_what_an_outcome_costs(built, feature, method, kind) -> None:
    row = built.second.one(
        "fct_outcome_costs", feature_id=feature, match_method=method, outcome_type=kind
    )
    found = (
        row["outcome_count"],
        row["outcome_quantity"],
        row["cost_usd"],
        row["cost_per_outcome_usd"],
    )
    assert found == OUTCOMES[feature, method, kind]
    assert row["outcome_date"].isoformat() == DAY


def test_zero_outcomes_have_no_cost_per_outcome(built) -> None:
    row = built.second.one("fct_outcome_costs", feature_id="outcome-zero")
    assert (row["outcome_quantity"], row["cost_per_outcome_usd"]) == (0, None)


def test_cost_without_outcomes_stays_with_the_feature(built) -> None:
    assert not built.second.rows("fct_outcome_costs", feature_id="outcome-none")
    day = built.second.one("fct_feature_daily_costs", feature_id="outcome-none")
    assert day["list_cost_usd"] == PLAIN


@pytest.mark.parametrize(
    "feature",
    [
        "outcome-trace",
        "outcome-shared",
        "outcome-day",
        "outcome-mixed",
        "outcome-lost",
        "outcome-late",
        "outcome-zero",
    ],
)
def test_a_cost_is_not_counted_for_two_outcomes(built, feature) -> None:
    outcomes = built.second.rows("fct_outcome_costs", feature_id=feature)
    days = built.second.rows("fct_feature_daily_costs", feature_id=feature)
    today = [row for row in days if row["event_date"].isoformat() == DAY]
    assert sum(row["cost_usd"] for row in outcomes) <= sum(row["list_cost_usd"] for row in today)


@pytest.mark.parametrize(
    ("feature", "method", "kind", "value"),
    [
        ("outcome-trace", "trace", "ticket_resolved", Decimal("6.5")),
        ("outcome-shared", "trace", "onboarding", None),
        ("outcome-day", "feature_day", "ticket_resolved", 26),
        ("outcome-late", "feature_day", "ticket_resolved", 12),
    ],
)
def test_what_an_outcome_is_worth(built, feature, method, kind, value) -> None:
    row = built.second.one(
        "fct_outcome_costs", feature_id=feature, match_method=method, outcome_type=kind
    )
    assert row["outcome_value_usd"] == value


def test_outcomes_have_a_team(built) -> None:
    teams = {row["feature_id"]: row["team_id"] for row in built.second.marts["fct_outcome_costs"]}
    assert (teams["outcome-trace"], teams["outcome-day"]) == ("beta", "gamma")


@pytest.mark.parametrize(
    ("method", "day"), [("trace", "2026-09-02"), ("feature_day", "2026-09-01")]
)
def test_a_trace_of_the_day_before(built, method, day) -> None:
    row = built.second.one("fct_outcome_costs", feature_id="outcome-overnight", match_method=method)
    assert (row["outcome_date"].isoformat(), row["cost_usd"]) == (day, PLAIN)


def test_shares_sum_to_the_cost_of_the_trace(built) -> None:
    rows = built.second.rows("fct_outcome_costs", feature_id="outcome-six")
    assert len(rows) == 6
    assert sum(row["cost_usd"] for row in rows) == PLAIN


def test_a_closed_team_has_no_outcomes(built) -> None:
    rows = built.second.rows("fct_outcome_costs", feature_id="retired-tool")
    teams = {row["outcome_date"].isoformat(): row["team_id"] for row in rows}
    assert teams == {
        "2026-05-31": "retired",
        "2026-06-01": "unallocated",
        "2026-06-02": "unallocated",
    }


@pytest.mark.parametrize(
    ("feature", "team"),
    [("outcome-names", "beta"), ("outcome-teamless", "gamma")],
)
def test_team_and_feature_of_an_outcome_are_looked_up(built, feature, team) -> None:
    row = built.second.one("fct_outcome_costs", feature_id=feature)
    assert (row["team_id"], row["cost_usd"]) == (team, PLAIN)
