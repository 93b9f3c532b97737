"""What a provider's own export tells is billed where nobody else tells it, and never twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rules.logs import FIRST, SECOND, Logs
from rules.prices import PLAIN

pytestmark = pytest.mark.slow
LOGS = Logs()

# Days of their own: other tests' calls to these providers are on other days.
ALONE, TOLD, TOLD_LATER = "2026-05-05", "2026-05-06", "2026-05-07"
LOGS.openai("on a day alone", day=ALONE)
LOGS.openai("on a day told", day=TOLD)
LOGS.call("chatcmpl-beside-the-export", at=f"{TOLD}T12:00:00")
LOGS.openai("on a day told later", day=TOLD_LATER)
LOGS.call("chatcmpl-after-the-export", SECOND, at=f"{TOLD_LATER}T12:00:00")
LOGS.openai("by its key", day=TOLD, api_key_id="key_export")
LOGS.openai("by its project", day=ALONE, project_id="proj_alpha")
LOGS.openai("by the directory", day=ALONE, api_key_id="key_owned", project_id="proj_alpha")
LOGS.key_owner("key_owned", "gamma", "2020-01-01")
LOGS.openai("told again", day=ALONE)
LOGS.openai("told again", SECOND, day=ALONE, input_tokens=2000, num_model_requests=20)
LOGS.openai("cached", day=ALONE, input_cached_tokens=600)
LOGS.openai("batch", day=ALONE, batch=True)
LOGS.openai("without a model", day=ALONE, model=None)
LOGS.openai(
    "sessions",
    day=ALONE,
    object="organization.usage.code_interpreter_sessions.result",
    model=None,
    input_tokens=None,
    output_tokens=None,
    num_sessions=3,
)
LOGS.anthropic(
    "parts",
    day=ALONE,
    cache_read_input_tokens=500,
    cache_creation={"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100},
)
LOGS.anthropic("never billed", day=ALONE, workspace_id="wrkspc_gateway")
for _kind, _value in (("openai", {"value": 12.5, "currency": "usd"}),):
    LOGS.add(FIRST, f"{_kind}/costs", {"start_time": f"{ALONE}T00:00:00Z", "amount": _value})
LOGS.add(
    FIRST,
    "anthropic/costs",
    {"starting_at": f"{ALONE}T00:00:00Z", "amount": "1250", "currency": "USD"},
)


def reason(built, source: str, name: str) -> str:
    [fate] = built.second.fates(source, name)
    assert fate.kind == "duplicate"
    return fate.row["duplicate_reason"]


def test_a_day_that_nobody_else_tells_is_billed(built) -> None:
    event = built.event("openai", "on a day alone")
    assert (event["list_cost_usd"], event["request_count"]) == (PLAIN, 10)
    assert (event["team_id"], event["provider"]) == ("unallocated", "openai")


def test_a_day_that_the_gateway_tells_is_not_billed_twice(built) -> None:
    assert reason(built, "openai", "on a day told") == "day told by gateway or traces"
    assert built.event("litellm", "chatcmpl-beside-the-export")["list_cost_usd"] == PLAIN


def test_a_gateway_that_comes_later_takes_over(built) -> None:
    assert built.first.event("openai", "on a day told later")["list_cost_usd"] == PLAIN
    assert reason(built, "openai", "on a day told later") == "day told by gateway or traces"
    day = [
        row
        for row in built.second.marts["fct_team_daily_costs"]
        if str(row["event_date"]) == TOLD_LATER and row["provider"] == "openai"
    ]
    assert sum(row["list_cost_usd"] for row in day) == PLAIN


def test_accounts_go_before_the_day(built) -> None:
    assert built.event("openai", "by its key")["list_cost_usd"] == PLAIN
    assert reason(built, "anthropic", "never billed") == "account billed by the gateway"


@pytest.mark.parametrize(
    ("name", "team"), [("by its project", "alpha"), ("by the directory", "gamma")]
)
def test_who_owns_an_account(built, name, team) -> None:
    event = built.event("openai", name)
    assert (event["team_id"], event["attribution_method"]) == (team, "api_key")
    assert event["project"] == "proj_alpha"


def test_a_bucket_told_again_is_as_told_last(built) -> None:
    first, second = built.second.fates("openai", "told again")
    assert (first.kind, second.kind) == ("duplicate", "event")
    assert (second.row["input_tokens"], second.row["request_count"]) == (2000, 20)
    assert built.first.event("openai", "told again")["input_tokens"] == 1000


def test_components(built) -> None:
    names = ("input_tokens", "uncached_input_tokens", "cache_read_tokens")
    event = built.event("openai", "cached")
    assert [event[name] for name in names] == [1000, 400, 600]
    event = built.event("anthropic", "parts")
    assert [event[name] for name in names] == [1800, 1000, 500]
    assert (event["cache_write_5m_tokens"], event["cache_write_1h_tokens"]) == (200, 100)
    assert built.event("openai", "batch")["service_tier"] == "batch"


def test_what_has_no_price_is_listed(built) -> None:
    event = built.event("openai", "sessions")
    assert (event["model_id"], event["pricing_status"]) == ("code-interpreter", "unpriced")
    [fate] = built.second.fates("openai", "without a model")
    assert (fate.kind, fate.row["reject_reason"]) == ("rejected", "no model")


def test_the_export_beside_the_gateway(built) -> None:
    rows = [
        row
        for row in built.second.marts["fct_provider_usage"]
        if str(row["event_date"]) == TOLD_LATER and row["provider"] == "openai"
    ]
    [row] = [row for row in rows if row["export_row_count"]]
    assert (row["export_request_count"], row["event_count"]) == (10, 1)
    assert (row["export_billed_row_count"], row["difference_tokens"]) == (0, 0)


def test_costs_of_the_provider_beside_ours(built) -> None:
    rows = {row["provider"]: row for row in built.second.marts["fct_provider_costs"]}
    assert {name: row["provider_cost_usd"] for name, row in rows.items()} == {
        "openai": Decimal("12.5"),
        "anthropic": Decimal("12.5"),
    }
    for row in rows.values():
        assert row["difference_usd"] == row["provider_cost_usd"] - row["list_cost_usd"]
        assert row["list_cost_usd"] > 0
