"""Design 3: exclusive components, estimates, failures, gateway cache hits, rejects."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rules.logs import FIRST, SECOND, Logs, span_id
from rules.prices import PLAIN, card, cost

pytestmark = pytest.mark.slow
LOGS = Logs()
GPT = "openai/gpt-4.1"
SONNET = "anthropic/claude-sonnet-4-5"

# name -> (source, id), components expected (uncached, read, write 5m, write 1h), output, cost
COMPONENTS: dict[str, tuple[str, str, tuple[int, int, int, int], int, Decimal]] = {}


def _component(name, source, row_id, tokens, output, money) -> None:
    COMPONENTS[name] = (source, row_id, tokens, output, money)


_component(
    "gateway, cached inside input",
    "litellm",
    LOGS.call("chatcmpl-cached-inside", usage={"prompt_tokens_details": {"cached_tokens": 400}}),
    (600, 400, 0, 0),
    100,
    cost(card(GPT), input=600, cache_read=400, output=100),
)
_component(
    "gateway, cache writes of both lifetimes",
    "litellm",
    LOGS.call(
        "chatcmpl-anthropic-writes",
        model=SONNET,
        prompt=100_000,
        completion=1_000,
        usage={
            "prompt_tokens": 100_000,
            "prompt_tokens_details": {
                "cached_tokens": 60_000,
                "cache_creation_tokens": 30_000,
                "cache_creation_token_details": {
                    "ephemeral_5m_input_tokens": 10_000,
                    "ephemeral_1h_input_tokens": 20_000,
                },
            },
            "cache_read_input_tokens": 60_000,
            "cache_creation_input_tokens": 30_000,
        },
    ),
    (10_000, 60_000, 10_000, 20_000),
    1_000,
    Decimal("0.2205"),
)
_component(
    "gateway, cache writes without lifetimes",
    "litellm",
    LOGS.call(
        "chatcmpl-writes-no-lifetime",
        model=SONNET,
        usage={"cache_read_input_tokens": 100, "cache_creation_input_tokens": 300},
    ),
    (600, 100, 300, 0),
    100,
    cost(card(SONNET), input=600, cache_read=100, cache_write_5m=300, output=100),
)
_component(
    "traces, cached inside input",
    "otel",
    LOGS.span("cached inside", attributes={"gen_ai.usage.cache_read.input_tokens": 400}),
    (600, 400, 0, 0),
    100,
    cost(card(GPT), input=600, cache_read=400, output=100),
)
_component(
    "traces, cached outside input",
    "otel",
    LOGS.span(
        "cached outside",
        provider="anthropic",
        model="claude-sonnet-4-5",
        tokens=(100, 50),
        attributes={
            "gen_ai.usage.cache_read.input_tokens": 5_000,
            "gen_ai.usage.cache_creation.input_tokens": 300,
        },
    ),
    (100, 5_000, 300, 0),
    50,
    cost(card(SONNET), input=100, cache_read=5_000, cache_write_5m=300, output=50),
)
for _name in ("cache_creation", "cache_write"):
    _component(
        f"traces, {_name} inside input",
        "otel",
        LOGS.span(
            f"inside {_name}",
            provider="anthropic",
            model="claude-sonnet-4-5",
            attributes={f"gen_ai.usage.{_name}.input_tokens": 300},
        ),
        (700, 0, 300, 0),
        100,
        cost(card(SONNET), input=700, cache_write_5m=300, output=100),
    )
_component(
    "traces, cache writes of both lifetimes",
    "otel",
    LOGS.span(
        "anthropic lifetimes",
        provider="anthropic",
        model="claude-sonnet-4-5",
        tokens=(1_000, 100),
        attributes={
            "gen_ai.usage.cache_write.input_tokens": 500,
            "anthropic.usage.cache_creation.ephemeral_5m_input_tokens": 200,
            "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 300,
        },
    ),
    (500, 0, 200, 300),
    100,
    cost(card(SONNET), input=500, cache_write_5m=200, cache_write_1h=300, output=100),
)
_component(
    "traces, old names",
    "otel",
    LOGS.span(
        "legacy",
        tokens=None,
        attributes={
            "gen_ai.provider.name": None,
            "gen_ai.system": "openai",
            "gen_ai.usage.prompt_tokens": 1000,
            "gen_ai.usage.completion_tokens": 100,
        },
    ),
    (1000, 0, 0, 0),
    100,
    PLAIN,
)
_component(
    "traces, OpenInference",
    "otel",
    LOGS.span(
        "openinference",
        operation=None,
        tokens=None,
        attributes={
            "openinference.span.kind": "LLM",
            "llm.provider": "openai",
            "llm.model_name": "gpt-4.1",
            "llm.token_count.prompt": 1000,
            "llm.token_count.completion": 100,
            "llm.token_count.prompt_details.cache_read": 400,
        },
    ),
    (600, 400, 0, 0),
    100,
    cost(card(GPT), input=600, cache_read=400, output=100),
)
_component(
    "gateway, reasoning inside output",
    "litellm",
    LOGS.call(
        "chatcmpl-reasoning-in",
        completion=500,
        usage={"completion_tokens_details": {"reasoning_tokens": 300}},
    ),
    (1000, 0, 0, 0),
    500,
    cost(card(GPT), input=1000, output=500),
)
_component(
    "traces, reasoning inside output",
    "otel",
    LOGS.span(
        "reasoning inside",
        tokens=(1000, 500),
        attributes={"gen_ai.usage.reasoning.output_tokens": 300},
    ),
    (1000, 0, 0, 0),
    500,
    cost(card(GPT), input=1000, output=500),
)
_component(
    "gateway, reasoning with a price of its own",
    "litellm",
    LOGS.call(
        "chatcmpl-reasoning-apart",
        model="perplexity/sonar-deep-research",
        completion=500,
        usage={"completion_tokens_details": {"reasoning_tokens": 300}},
    ),
    (1000, 0, 0, 0),
    500,
    cost(card("perplexity/sonar-deep-research"), input=1000, output=200, reasoning=300),
)
# 401 characters / 4, rounded up (decision 0004). LiteLLM writes 0 where it knows no count.
_EMPTY = {"zeros, no usage": {"usage_object": None}, "zeros, empty usage": {"usage_object": {}}}
for _name, _metadata in _EMPTY.items():
    _component(
        f"gateway, estimated: {_name}",
        "litellm",
        LOGS.call(
            f"chatcmpl-estimated {_name}",
            prompt=0,
            completion=0,
            metadata=_metadata,
            input_characters=401,
            output_characters=40,
        ),
        (101, 0, 0, 0),
        10,
        cost(card(GPT), input=101, output=10),
    )
_component(
    "gateway, estimated: nulls",
    "litellm",
    LOGS.call(
        "chatcmpl-estimated nulls",
        metadata={"usage_object": None},
        prompt_tokens=None,
        completion_tokens=None,
        total_tokens=None,
        input_characters=401,
        output_characters=40,
    ),
    (101, 0, 0, 0),
    10,
    cost(card(GPT), input=101, output=10),
)
_component(
    "traces, estimated",
    "otel",
    LOGS.span(
        "estimated",
        tokens=None,
        attributes={
            "gen_ai.prompt.0.content": "x" * 400,
            "gen_ai.completion.0.content": "y" * 40,
        },
    ),
    (100, 0, 0, 0),
    10,
    cost(card(GPT), input=100, output=10),
)
_component(
    "traces, output estimated",
    "otel",
    LOGS.span(
        "output estimated",
        tokens=None,
        attributes={
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.prompt.0.content": "x" * 400,
            "gen_ai.completion.0.content": "y" * 400,
        },
    ),
    (1000, 0, 0, 0),
    100,
    PLAIN,
)
ESTIMATED = {name for name in COMPONENTS if "estimated" in name}

LOGS.call("chatcmpl-no-counts-at-all", prompt=0, completion=0)

LOGS.call("failure-without-spend-1", status="failure", prompt=25, completion=0, user="fails free")
LOGS.call(
    "failure-with-spend-attempt-0",
    status="failure",
    prompt=1000,
    completion=0,
    spend=0.002,
    user="fails dear",
    at="2026-09-08T12:00:00",
    tags=("team:gamma",),
)
LOGS.span("failed span", tokens=None, status_code=2, attributes={"error.type": "timeout"})

_HIT = {"usage_object": {}, "cost_breakdown": {"total_cost": 0.0028}}
LOGS.call("chatcmpl-original-call", at="2026-09-03T12:00:00", tags=("team:alpha",))
LOGS.call(
    "chatcmpl-original-call_cache_hit1795254398.1209238",
    cache_hit="True",
    metadata=_HIT,
    at="2026-09-03T12:00:01",
    tags=("team:alpha",),
)
# The hit arrives before the call that filled the cache.
LOGS.call("chatcmpl-late-original_cache_hit1795254398.2", FIRST, cache_hit="True", metadata=_HIT)
LOGS.call("chatcmpl-late-original", SECOND)
for _text in ("None", "", "False"):
    LOGS.call(f"chatcmpl-not-a-hit-{_text}", cache_hit=_text)
LOGS.call(
    "chatcmpl-unpriced-hit_cache_hit1",
    cache_hit="True",
    model="openai/house-llama-70b",
    metadata=_HIT,
)

REJECTS = {
    ("litellm", LOGS.call("chatcmpl-negative-input", prompt=-5)): "negative",
    ("litellm", LOGS.call("chatcmpl-negative-output", completion=-5)): "negative",
    ("litellm", LOGS.call("chatcmpl-without-time", startTime=None, endTime=None)): "time",
    ("litellm", LOGS.call("chatcmpl-without-model", model="", custom_llm_provider="")): "model",
    ("otel", LOGS.span("negative span", tokens=(-5, 10))): "negative",
    ("otel", LOGS.span("span without model", model=None)): "model",
    ("retrieval", LOGS.query("negative query", read_units=-1)): "negative",
    (
        "litellm",
        LOGS.call(
            "chatcmpl-negative-cached", usage={"prompt_tokens_details": {"cached_tokens": -400}}
        ),
    ): "negative",
}
LOGS.add(FIRST, "litellm/spend_logs", '{"request_id": "chatcmpl-cut-off", "startTi')
LOGS.add(FIRST, "retrieval/queries", "no JSON")

REJECTS["litellm", LOGS.call("chatcmpl-implausible", prompt=100_000_000_000)] = "implausible"
LOGS.call(
    "rerank-through-gateway-1",
    model="cohere/rerank-v3.5",
    prompt=0,
    completion=0,
    call_type="arerank",
)
for _type in ("aresponses", "anthropic_messages", "acompletion"):
    LOGS.call(f"chatcmpl-type {_type}", call_type=_type)
LOGS.span(
    "embeddings span",
    operation="embeddings",
    model="text-embedding-3-small",
    tokens=None,
    attributes={"gen_ai.usage.input_tokens": 1000},
)
LOGS.span("aborted stream", status_code=2, tokens=(1000, 7), attributes={"error.type": "timeout"})
LOGS.query("fractions", read_units=8.5, write_units=0.25)
LOGS.query("egress", read_units=1, egress_bytes=2_000_000_000)
LOGS.query("query without units")
LOGS.query("query of no units", read_units=0)
LOGS.query("error without units", status="error")
LOGS.query("timeout with units", status="Timeout", read_units=10, at="2026-09-09T12:00:00")
LOGS.query(
    "rerank that failed", store="cohere", operation="rerank", model="rerank-v3.5", status="error"
)
LOGS.query("query tried twice", status="failed")
LOGS.query("query tried twice", read_units=10)
LOGS.query("rerank units", store="cohere", operation="rerank", model="rerank-v3.5", search_units=3)
LOGS.query("rerank no units", store="cohere", operation="rerank", model="rerank-v3.5")
LOGS.call("chatcmpl-eval-run", tags=("purpose:eval", "eval_scope:domain"))
LOGS.call(
    "embedding-call-of-usage",
    model="openai/text-embedding-3-small",
    completion=0,
    call_type="aembedding",
)


@pytest.mark.parametrize("name", list(COMPONENTS))
def test_components_are_exclusive(built, name) -> None:
    source, row_id, tokens, output, _ = COMPONENTS[name]
    event = built.event(source, row_id)
    found = (
        event["uncached_input_tokens"],
        event["cache_read_tokens"],
        event["cache_write_5m_tokens"],
        event["cache_write_1h_tokens"],
    )
    assert (found, event["output_tokens"]) == (tokens, output)
    assert event["input_tokens"] == sum(tokens)


@pytest.mark.parametrize("name", list(COMPONENTS))
def test_cost_is_components_times_price(built, name) -> None:
    source, row_id, _, _, money = COMPONENTS[name]
    event = built.event(source, row_id)
    assert (event["list_cost_usd"], event["pricing_status"]) == (money, "priced")


@pytest.mark.parametrize("name", list(COMPONENTS))
def test_an_event_says_whether_it_was_estimated(built, name) -> None:
    source, row_id, *_ = COMPONENTS[name]
    expected = "estimated" if name in ESTIMATED else "reported"
    assert built.event(source, row_id)["usage_source"] == expected


@pytest.mark.parametrize(
    ("name", "count"), [("gateway, reasoning inside output", 300), ("traces, old names", 0)]
)
def test_reasoning_is_shown(built, name, count) -> None:
    source, row_id, *_ = COMPONENTS[name]
    assert built.event(source, row_id)["reasoning_tokens"] == count


def test_a_call_without_counts_and_text_is_missing(built) -> None:
    event = built.event("litellm", "chatcmpl-no-counts-at-all")
    assert (event["usage_source"], event["input_tokens"]) == ("missing", 0)


def test_a_failure_the_provider_did_not_charge(built) -> None:
    event = built.event("litellm", "failure-without-spend-1")
    assert (event["status"], event["pricing_status"]) == ("failure", "not_billed")
    assert (event["list_cost_usd"], event["input_tokens"]) == (0, 25)


def test_a_failure_the_provider_charged(built) -> None:
    event = built.event("litellm", "failure-with-spend-attempt-0")
    money = cost(card(GPT), input=1000)
    assert (event["status"], event["pricing_status"]) == ("failure", "priced")
    assert event["list_cost_usd"] == money
    day = built.second.one("fct_team_daily_costs", event_date=event["event_date"], team_id="gamma")
    assert (day["failed_event_count"], day["failed_cost_usd"]) == (1, money)
    assert day["list_cost_usd"] == money
    assert day["reported_cost_usd"] == Decimal("0.002")


def test_a_failed_span_is_an_event(built) -> None:
    [fate] = built.second.fates("otel", span_id("failed span"))
    assert (fate.kind, fate.row["status"], fate.row["list_cost_usd"]) == ("event", "failure", 0)


def test_a_gateway_cache_hit_costs_nothing_and_says_what_it_avoided(built) -> None:
    event = built.event("litellm", "chatcmpl-original-call_cache_hit1795254398.1209238")
    assert event["is_gateway_cache_hit"]
    assert event["pricing_status"] == "gateway_cache_hit"
    assert (event["list_cost_usd"], event["avoided_cost_usd"]) == (0, PLAIN)
    assert event["input_tokens"] == 1000
    day = built.second.one("fct_team_daily_costs", event_date=event["event_date"])
    assert (day["event_count"], day["gateway_cache_hit_count"]) == (2, 1)
    assert (day["list_cost_usd"], day["avoided_cost_usd"]) == (PLAIN, PLAIN)


@pytest.mark.parametrize("name", ["chatcmpl-original-call", "chatcmpl-late-original"])
def test_the_call_that_filled_the_cache_is_billed(built, name) -> None:
    event = built.event("litellm", name)
    assert (event["list_cost_usd"], event["avoided_cost_usd"]) == (PLAIN, 0)
    assert not event["is_gateway_cache_hit"]


@pytest.mark.parametrize("text", ["None", "", "False"])
def test_other_texts_are_no_hits(built, text) -> None:
    event = built.event("litellm", f"chatcmpl-not-a-hit-{text}")
    assert (event["is_gateway_cache_hit"], event["list_cost_usd"]) == (False, PLAIN)


def test_a_hit_on_a_model_without_a_price_costs_nothing(built) -> None:
    event = built.event("litellm", "chatcmpl-unpriced-hit_cache_hit1")
    assert (event["list_cost_usd"], event["avoided_cost_usd"]) == (0, 0)


@pytest.mark.parametrize(("source", "name"), REJECTS)
def test_rows_that_cannot_be_events_are_rejected(built, source, name) -> None:
    [fate] = built.second.fates(source, name)
    assert fate.kind == "rejected"
    assert REJECTS[source, name] in fate.row["reject_reason"]


def test_fractions_of_units_are_billed(built) -> None:
    prices = card("pinecone/serverless")
    event = built.event("retrieval", "fractions")
    assert (event["read_units"], event["write_units"]) == (Decimal("8.5"), Decimal("0.25"))
    money = (prices["read_unit"] * Decimal("8.5") + prices["write_unit"] / 4) / 1_000_000
    assert (event["list_cost_usd"], event["action_class"]) == (money, "retrieval_call")


def test_egress_is_billed_by_the_gigabyte(built) -> None:
    prices = card("pinecone/serverless")
    event = built.event("retrieval", "egress")
    assert event["list_cost_usd"] == prices["read_unit"] / 1_000_000 + prices["egress_gb"] * 2


@pytest.mark.parametrize(
    ("name", "units", "source"),
    [("rerank units", 3, "reported"), ("rerank no units", 1, "estimated")],
)
def test_reranks_are_billed_by_search_unit(built, name, units, source) -> None:
    event = built.event("retrieval", name)
    assert (event["search_units"], event["usage_source"]) == (units, source)
    assert event["list_cost_usd"] == card("cohere/rerank-v3.5")["search_unit"] * units / 1000


def test_a_retrieval_without_units_says_so(built) -> None:
    """Decision 0004: what is missing is not taken for nothing used."""
    assert built.event("retrieval", "query without units")["usage_source"] == "missing"
    assert built.event("retrieval", "query of no units")["usage_source"] == "reported"


@pytest.mark.parametrize("name", ["error without units", "rerank that failed"])
def test_a_failed_query_without_units_is_not_billed(built, name) -> None:
    """Decision 0007."""
    event = built.event("retrieval", name)
    assert (event["status"], event["pricing_status"]) == ("failure", "not_billed")
    assert (event["list_cost_usd"], event["search_units"]) == (0, 0)


def test_a_failed_query_is_billed_what_the_store_counted(built) -> None:
    """Decision 0007."""
    event = built.event("retrieval", "timeout with units")
    assert (event["status"], event["pricing_status"]) == ("failure", "priced")
    assert event["list_cost_usd"] == card("pinecone/serverless")["read_unit"] * 10 / 1_000_000
    day = built.second.one("fct_team_daily_costs", event_date=event["event_date"])
    assert day["failed_cost_usd"] == event["list_cost_usd"]


def test_a_retry_under_the_same_id_is_billed(built) -> None:
    failure, retry = built.second.fates("retrieval", "query tried twice")
    assert (failure.kind, retry.kind) == ("duplicate", "event")
    assert (retry.row["read_units"], retry.row["status"]) == (10, "success")


def test_purpose_decides_that_a_call_is_an_eval(built) -> None:
    event = built.event("litellm", "chatcmpl-eval-run")
    assert (event["action_class"], event["purpose"]) == ("eval_run", "eval")
    assert event["eval_scope"] == "domain"


def test_an_embedding_is_an_embedding(built) -> None:
    event = built.event("litellm", "embedding-call-of-usage")
    assert event["action_class"] == "embedding_call"
    assert event["list_cost_usd"] == cost(card("openai/text-embedding-3-small"), input=1000)


def test_a_rerank_through_the_gateway_is_one_unit(built) -> None:
    """Decision 0004."""
    event = built.event("litellm", "rerank-through-gateway-1")
    assert (event["search_units"], event["usage_source"]) == (1, "estimated")
    assert event["action_class"] == "retrieval_call"
    assert event["list_cost_usd"] == card("cohere/rerank-v3.5")["search_unit"] / 1000


@pytest.mark.parametrize("kind", ["aresponses", "anthropic_messages", "acompletion"])
def test_ways_to_chat(built, kind) -> None:
    event = built.event("litellm", f"chatcmpl-type {kind}")
    assert (event["action_class"], event["list_cost_usd"]) == ("chat_call", PLAIN)


def test_an_embedding_span_needs_no_output(built) -> None:
    event = built.event("otel", span_id("embeddings span"))
    assert (event["action_class"], event["usage_source"]) == ("embedding_call", "reported")
    assert event["list_cost_usd"] == cost(card("openai/text-embedding-3-small"), input=1000)


def test_a_failed_span_with_output_is_billed(built) -> None:
    """Decision 0007."""
    event = built.event("otel", span_id("aborted stream"))
    assert (event["status"], event["pricing_status"]) == ("failure", "priced")
    assert event["list_cost_usd"] == cost(card(GPT), input=1000, output=7)
