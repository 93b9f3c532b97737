"""Langfuse and Bedrock beside the gateway and OpenTelemetry: one event a call."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rules.logs import FIRST, NOON, SECOND, Logs, span_id, trace_id
from rules.prices import PLAIN

pytestmark = pytest.mark.slow
LOGS = Logs()

# A span that a collector and Langfuse both have: its ids are the observation's.
for _first, _second in ((FIRST, SECOND), (SECOND, FIRST), (FIRST, FIRST)):
    _label = f"langfuse span {_first}{_second}"
    LOGS.span(_label, _first, resource={"team.name": "alpha"})
    LOGS.observation(span_id(_label), _second, trace=trace_id(_label), user_id="nobody")

LOGS.call("chatcmpl-gateway-and-langfuse")
LOGS.observation(
    "of a gateway's call",
    metadata={"attributes": {"gen_ai.response.id": "chatcmpl-gateway-and-langfuse"}},
    tags=["feature:beta-bot"],
)

# Who owns it is told by its trace, which may come later, and may be told again.
for _load in (FIRST, SECOND):
    LOGS.observation(f"owned by its trace, {_load}", trace=f"langfuse trace {_load}")
    LOGS.langfuse_trace(f"langfuse trace {_load}", _load, tags=["team:alpha"])
LOGS.observation("trace came later", trace="late langfuse trace")
LOGS.langfuse_trace("late langfuse trace", SECOND, tags=["team:beta"], user_id="late user")
LOGS.observation("trace told again", trace="langfuse trace told again")
LOGS.langfuse_trace("langfuse trace told again", FIRST, tags=["team:alpha"])
LOGS.langfuse_trace("langfuse trace told again", SECOND, tags=["team:beta"])
LOGS.observation("own tag", trace="langfuse trace 1", tags=["team:gamma"])
LOGS.observation("call of an old trace", SECOND, trace="langfuse trace 1")

# An agent's totals, billed until a call of its trace comes.
LOGS.observation("agent alone", kind="AGENT", trace="agent trace 1")
LOGS.observation("agent until", kind="AGENT", trace="agent trace 2")
LOGS.observation("call at last", SECOND, trace="agent trace 2", parent_observation_id="agent until")
LOGS.observation("agent without usage", kind="AGENT", usage={}, trace="agent trace 2")

# A generation inside a generation, in one load and in two.
LOGS.observation("outer", trace="nested 1")
LOGS.observation("inner", trace="nested 1", parent_observation_id="outer")
LOGS.observation("outer first", trace="nested 2")
LOGS.observation("inner later", SECOND, trace="nested 2", parent_observation_id="outer first")

# Exported before it was complete.
LOGS.observation("exported twice", usage={}, trace="twice")
LOGS.observation("exported twice", SECOND, trace="twice")

LOGS.observation("cached", usage={"input": 400, "input_cached_tokens": 600, "output": 100})
LOGS.observation("no model", provided_model_name="")
LOGS.observation("half a token", usage={"input": 0.5, "output": 1})

ROLE = "arn:aws:iam::111122223333:role/alpha-app"
LOGS.key_owner(ROLE, "alpha", "2020-01-01")
LOGS.invocation(
    "bedrock-by-role-0001",
    identity={"arn": "arn:aws:sts::111122223333:assumed-role/alpha-app/i-1"},
)
LOGS.invocation("bedrock-by-tag-0001", requestMetadata={"team": "beta", "feature": "beta-bot"})
LOGS.invocation("bedrock-failed-0001", errorCode="ThrottlingException", input={}, output={})
LOGS.invocation(
    "bedrock-cached-0001",
    input={"inputTokenCount": 1000, "cacheReadInputTokenCount": 500},
)
LOGS.invocation("bedrock-and-span-0001", at=NOON)
LOGS.invocation("bedrock-told-otherwise", at=NOON)
LOGS.span(
    "span of bedrock",
    SECOND,
    provider="aws.bedrock",
    model="anthropic.claude-sonnet-4-5-20250929-v1:0",
    response="bedrock-and-span-0001",
)
LOGS.invocation("bedrock-without-model", modelId="")


@pytest.mark.parametrize("loads", ["12", "21", "11"])
def test_a_span_of_a_collector_is_the_observation(built, loads) -> None:
    label = f"langfuse span {loads}"
    fates = [
        built.second.fates("otel", span_id(label))[0],
        built.second.fates("langfuse", span_id(label))[0],
    ]
    assert sorted(fate.kind for fate in fates) == ["duplicate", "event"]
    assert len({fate.row["event_id"] for fate in fates}) == 1
    event = fates[0].row
    assert (event["team_id"], event["user_id"], event["list_cost_usd"]) == (
        "alpha",
        "nobody",
        PLAIN,
    )


def test_the_gateway_is_believed_before_langfuse(built) -> None:
    event = built.event("litellm", "chatcmpl-gateway-and-langfuse")
    [other] = built.second.fates("langfuse", "of a gateway's call")
    assert (other.kind, other.row["event_id"]) == ("duplicate", event["event_id"])
    assert event["feature_id"] == "beta-bot"


@pytest.mark.parametrize(
    ("name", "team"),
    [
        ("owned by its trace, 1", "alpha"),
        ("owned by its trace, 2", "alpha"),
        ("trace came later", "beta"),
        ("trace told again", "beta"),
        ("own tag", "gamma"),
        ("call of an old trace", "alpha"),
    ],
)
def test_tags_of_the_trace(built, name, team) -> None:
    event = built.event("langfuse", name)
    assert (event["team_id"], event["attribution_method"]) == (team, "team_tag")


def test_before_the_trace_came(built) -> None:
    assert built.first.event("langfuse", "trace came later")["team_id"] == "unallocated"
    assert built.event("langfuse", "trace came later")["user_id"] == "late user"


def test_totals_are_billed_until_a_call_comes(built) -> None:
    assert built.event("langfuse", "agent alone")["list_cost_usd"] == PLAIN
    assert built.first.event("langfuse", "agent until")["list_cost_usd"] == PLAIN
    assert [fate.kind for fate in built.second.fates("langfuse", "agent until")] == ["other"]
    assert built.event("langfuse", "call at last")["list_cost_usd"] == PLAIN
    assert built.second.fates("langfuse", "agent without usage")[0].kind == "other"


@pytest.mark.parametrize(("outer", "inner"), [("outer", "inner"), ("outer first", "inner later")])
def test_a_generation_in_a_generation_is_one_call(built, outer, inner) -> None:
    event = built.event("langfuse", inner)
    [other] = built.second.fates("langfuse", outer)
    assert (other.kind, other.row["event_id"]) == ("duplicate", event["event_id"])


def test_the_complete_export_is_kept(built) -> None:
    first, second = built.second.fates("langfuse", "exported twice")
    assert (first.kind, second.kind) == ("duplicate", "event")
    assert second.row["list_cost_usd"] == PLAIN


def test_cached_tokens_are_no_input(built) -> None:
    event = built.event("langfuse", "cached")
    counts = ("input_tokens", "uncached_input_tokens", "cache_read_tokens")
    assert [event[name] for name in counts] == [1000, 400, 600]


@pytest.mark.parametrize(
    ("source", "name", "reason"),
    [
        ("langfuse", "no model", "no model"),
        ("langfuse", "half a token", "unreadable tokens"),
        ("bedrock", "bedrock-without-model", "no model"),
    ],
)
def test_rejects(built, source, name, reason) -> None:
    [fate] = built.second.fates(source, name)
    assert (fate.kind, fate.row["reject_reason"]) == ("rejected", reason)


def test_a_role_is_a_key(built) -> None:
    event = built.event("bedrock", "bedrock-by-role-0001")
    assert (event["team_id"], event["attribution_method"]) == ("alpha", "api_key")
    assert (event["api_key_id"], event["user_id"]) == (ROLE, "i-1")
    assert event["provider"] == "aws"
    # 1,000 tokens in at 3.30 USD a million, 100 out at 16.50: what a region costs.
    assert event["list_cost_usd"] == Decimal("0.00495")


def test_metadata_of_the_request_are_tags(built) -> None:
    event = built.event("bedrock", "bedrock-by-tag-0001")
    assert (event["team_id"], event["feature_id"]) == ("beta", "beta-bot")


def test_a_failure_costs_nothing(built) -> None:
    event = built.event("bedrock", "bedrock-failed-0001")
    assert (event["status"], event["error_class"]) == ("failure", "ThrottlingException")
    assert (event["pricing_status"], event["list_cost_usd"]) == ("not_billed", 0)


def test_cached_tokens_come_beside_the_input(built) -> None:
    event = built.event("bedrock", "bedrock-cached-0001")
    counts = ("input_tokens", "uncached_input_tokens", "cache_read_tokens")
    assert [event[name] for name in counts] == [1500, 1000, 500]


def test_a_span_is_believed_before_the_provider(built) -> None:
    event = built.event("otel", span_id("span of bedrock"))
    [other] = built.second.fates("bedrock", "bedrock-and-span-0001")
    assert (other.kind, other.row["event_id"]) == ("duplicate", event["event_id"])


def test_a_day_that_traces_tell_is_theirs(built) -> None:
    """No id says whether the spans of that day tell it, too."""
    [fate] = built.second.fates("bedrock", "bedrock-told-otherwise")
    assert fate.row["duplicate_reason"] == "day told by gateway or traces"
    assert built.first.event("bedrock", "bedrock-told-otherwise")
    [row] = [
        row
        for row in built.second.marts["fct_provider_usage"]
        if row["provider"] == "aws" and str(row["event_date"]) == NOON[:10]
    ]
    assert (row["export_row_count"], row["event_count"], row["difference_tokens"]) == (2, 1, 1100)
