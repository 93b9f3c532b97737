"""Design 5: the price of the moment, cliffs, tiers, names, and no price that is never zero."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from rules.logs import FIRST, Logs
from rules.prices import PLAIN, card, cost

pytestmark = pytest.mark.slow
LOGS = Logs()
GEMINI = "google/gemini-2.5-pro"
SONNET = "anthropic/claude-sonnet-4-5"

# name -> (source, id), cost
PRICED: dict[str, tuple[str, str, Decimal]] = {}


def _call(name: str, money: Decimal, **columns) -> None:
    request_id = LOGS.call(f"chatcmpl-rating {name}", **columns)
    PRICED[name] = ("litellm", request_id, money)


def _tier(tier: str) -> dict:
    return {"cost_breakdown": {"service_tier": tier}}


# long context
for _model, _prompt, _money in (
    ("gemini/gemini-2.5-pro", 200_000, "0.26"),
    ("gemini/gemini-2.5-pro", 200_001, "0.5150025"),
    ("openai/gpt-5.4", 272_000, "0.695"),
    ("openai/gpt-5.4", 272_001, "1.382505"),
):
    _call(f"{_model} {_prompt}", Decimal(_money), model=_model, prompt=_prompt, completion=1000)
for _prompt, _above in ((199_999, 0), (200_000, 200_000), (200_001, 200_000)):
    _call(
        f"grok {_prompt}",
        cost(card("x-ai/grok-4.3", above=_above), input=_prompt, output=100),
        model="xai/grok-4.3",
        prompt=_prompt,
    )
for _prompt, _above in ((200_000, 0), (200_001, 200_000)):
    _call(
        f"cached tokens count {_prompt}",
        cost(card(GEMINI, above=_above), input=_prompt - 150_000, cache_read=150_000, output=100),
        model="gemini/gemini-2.5-pro",
        prompt=_prompt,
        usage={"prompt_tokens_details": {"cached_tokens": 150_000}},
    )
for _read, _above in ((199_000, 0), (199_001, 200_000)):
    _span = LOGS.span(
        f"cached outside {_read}",
        provider="anthropic",
        model="claude-sonnet-4-5",
        tokens=(1000, 100),
        attributes={"gen_ai.usage.cache_read.input_tokens": _read},
    )
    _money = cost(card(SONNET, above=_above), input=1000, cache_read=_read, output=100)
    PRICED[f"cached outside input counts {_read}"] = ("otel", _span, _money)

# service tiers
for _model, _tiers in (("gpt-4.1", ("batch", "priority")), ("gpt-5.4", ("flex",))):
    for _name in _tiers:
        for _cached in (0, 400):
            _call(
                f"{_model} {_name} {_cached}",
                cost(
                    card(f"openai/{_model}", _name),
                    input=1000 - _cached,
                    cache_read=_cached,
                    output=100,
                ),
                model=f"openai/{_model}",
                metadata=_tier(_name),
                usage={"prompt_tokens_details": {"cached_tokens": _cached}},
            )
_call(
    "long batch",
    cost(card("openai/gpt-5.4", "batch", above=272_000), input=272_001, output=100),
    model="openai/gpt-5.4",
    prompt=272_001,
    metadata=_tier("batch"),
)
_call("tier default", PLAIN, metadata=_tier("default"))
PRICED["traces, batch"] = (
    "otel",
    LOGS.span("batch tier", attributes={"openai.response.service_tier": "batch"}),
    cost(card("openai/gpt-4.1", "batch"), input=1000, output=100),
)

# prices by date: the last moment before, and the moment of the change
DATED = {
    "openai/gpt-5.6-luna": ("1970-01-01", "2026-07-30"),
    "mistral/mistral-large-4": ("1970-01-01", "2026-10-20", "2026-10-29"),
    "openai/gpt-5.6-sol": ("1970-01-01", "2026-08-21"),
}
_LAST = {
    "2026-07-30": "2026-07-29T23:59:59.999",
    "2026-10-20": "2026-10-19T23:59:59.999",
    "2026-10-29": "2026-10-28T23:59:59.999",
    "2026-08-21": "2026-08-20T23:59:59.999",
}
for _model, _starts in DATED.items():
    for _before, _since in pairwise(_starts):
        for _at, _card in ((_LAST[_since], _before), (f"{_since}T00:00:00", _since)):
            _call(
                f"{_model} at {_at}",
                cost(card(_model, since=_card), input=1000, output=100),
                model=_model,
                at=_at,
            )
# Half past one in Berlin is still the day before in UTC.
_call(
    "with an offset",
    cost(card("openai/gpt-5.6-luna"), input=1000, output=100),
    model="openai/gpt-5.6-luna",
    at="2026-07-30T01:30:00+02:00",
)
PRICED["traces, one microsecond before"] = (
    "otel",
    LOGS.span("luna before", model="gpt-5.6-luna", at="2026-07-29T23:59:59.999999"),
    cost(card("openai/gpt-5.6-luna"), input=1000, output=100),
)
# A call is priced by its beginning.
_call(
    "across the change",
    cost(card("openai/gpt-5.6-luna"), input=1000, output=100),
    model="openai/gpt-5.6-luna",
    at="2026-07-29T23:59:59",
    endTime="2026-07-30T00:00:09",
)
for _at, _window in (
    ("00:29:59.999", "00:00"),
    ("00:30:00", "00:30"),
    ("16:29:59.999", "00:30"),
    ("16:30:00", "16:30"),
    ("23:59:59.999", "16:30"),
    ("00:00:00", "00:00"),
):
    _call(
        f"deepseek at {_at}",
        cost(card("deepseek/deepseek-chat", daily=_window), input=1000, output=100),
        model="deepseek/deepseek-chat",
        at=f"2026-09-01T{_at}",
    )

# names
NAMES = {
    "openai/gpt-4.1-2025-04-14": ("openai", "gpt-4.1"),
    "OpenAI/GPT-4.1": ("openai", "gpt-4.1"),
    "azure/our-gpt4o": ("azure", "gpt-4o"),
    "anthropic/claude-sonnet-4-5-20250929": ("anthropic", "claude-sonnet-4-5"),
}
for _logged, (_provider, _model) in NAMES.items():
    _call(
        f"named {_logged}",
        cost(card(f"{_provider}/{_model}"), input=1000, output=100),
        model=_logged,
        custom_llm_provider=_provider,
    )
_call(
    "cache read at the price of input",
    cost(card("deepseek/deepseek-v3.2"), input=1000, output=100),
    model="deepseek/deepseek-v3.2",
    usage={"prompt_tokens_details": {"cached_tokens": 400}},
)
_call(
    "one token",
    Decimal("0.0000000375"),
    model="cohere/command-r7b",
    prompt=1,
    completion=0,
)

UNPRICED = {
    "unknown model": LOGS.call("chatcmpl-no-model-known", model="openai/house-llama-70b"),
    "unknown provider": LOGS.call(
        "chatcmpl-no-provider", model="basement/gpt-4.1", custom_llm_provider="basement"
    ),
    "tier not sold": LOGS.call(
        "chatcmpl-tier-not-sold", model="mistral/mistral-large-latest", metadata=_tier("flex")
    ),
    "component without a price": LOGS.call(
        "chatcmpl-embedding-with-output", model="openai/text-embedding-3-small"
    ),
}
# The gateway bills what it does not know at zero; a spend of its own is no price either.
UNPRICED["gateway has a price"] = LOGS.call(
    "chatcmpl-only-gateway-knows", model="openai/house-llama-70b", spend=0.5
)
_DAY = "2026-09-05T12:00:00"
LOGS.call("chatcmpl-day-priced", FIRST, at=_DAY, tags=("team:alpha",))
LOGS.call("chatcmpl-day-unpriced", at=_DAY, model="openai/house-llama-70b", tags=("team:alpha",))


@pytest.mark.parametrize("name", PRICED)
def test_cost(built, name) -> None:
    source, row_id, money = PRICED[name]
    event = built.event(source, row_id)
    assert (event["list_cost_usd"], event["pricing_status"]) == (money, "priced")


@pytest.mark.parametrize("logged", NAMES)
def test_names_lead_to_the_model_of_the_price_book(built, logged) -> None:
    event = built.event("litellm", f"chatcmpl-rating named {logged}")
    assert (event["provider"], event["model_id"]) == NAMES[logged]


def test_days_are_in_utc(built) -> None:
    event = built.event("litellm", "chatcmpl-rating with an offset")
    assert event["event_date"].isoformat() == "2026-07-29"


@pytest.mark.parametrize("tier", ["batch", "priority"])
def test_the_tier_is_shown(built, tier) -> None:
    event = built.event("litellm", f"chatcmpl-rating gpt-4.1 {tier} 0")
    assert event["service_tier"] == tier


@pytest.mark.parametrize("name", UNPRICED)
def test_no_price_is_null_and_never_zero(built, name) -> None:
    event = built.event("litellm", UNPRICED[name])
    assert (event["list_cost_usd"], event["pricing_status"]) == (None, "unpriced")
    assert (event["input_tokens"], event["output_tokens"]) == (1000, 100)


def test_unpriced_events_and_tokens_are_counted_a_day(built) -> None:
    rows = built.second.rows(
        "fct_team_daily_costs",
        event_date=built.event("litellm", "chatcmpl-day-priced")["event_date"],
    )
    assert sum(row["unpriced_event_count"] for row in rows) == 1
    assert sum(row["unpriced_tokens"] for row in rows) == 1100
    assert sum(row["input_tokens"] for row in rows) == 2000
    assert sum(row["list_cost_usd"] for row in rows) == PLAIN


def test_models_say_whether_they_are_priced(built) -> None:
    known = built.second.one("dim_models", provider="openai", model_id="gpt-4.1")
    assert (known["is_priced"], known["is_used"]) == (True, True)
    [unknown] = [
        row for row in built.second.marts["dim_models"] if "house-llama" in row["model_id"]
    ]
    assert (unknown["is_priced"], unknown["is_used"]) == (False, True)
