"""Design 5, list prices, on a price book with round numbers: see `rules.agreed`.

Money is written as (tokens, USD per million tokens).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rules.logs import Logs
from rules.prices import per_million

pytestmark = pytest.mark.slow
CALLS = Logs()

# name -> (source, id), list cost
PRICED: dict[str, tuple[str, str, Decimal]] = {}
# name -> id, tokens in and out
UNPRICED: dict[str, tuple[str, int, int]] = {}


def _id(name: str) -> str:
    return f"chatcmpl-list {name}"


def _priced(name: str, *parts: tuple[int, str], **columns: Any) -> None:
    PRICED[name] = ("litellm", CALLS.call(_id(name), **columns), per_million(*parts))


def _unpriced(name: str, prompt: int = 1000, completion: int = 100, **columns: Any) -> None:
    row_id = CALLS.call(_id(name), prompt=prompt, completion=completion, **columns)
    UNPRICED[name] = (row_id, prompt, completion)


# Half-open dates. 1 and 2 from 1 March, 3 and 5 from 10 March 06:30, nothing from 20 March.
_unpriced("before the first price", model="dateco/m", at="2026-02-28T23:59:59.999")
_priced("first moment", (1000, "1"), (100, "2"), model="dateco/m", at="2026-03-01T00:00:00")
_priced(
    "last moment of a price",
    (1000, "1"),
    (100, "2"),
    model="dateco/m",
    at="2026-03-10T06:29:59.999",
)
_priced(
    "first moment of the next", (1000, "3"), (100, "5"), model="dateco/m", at="2026-03-10T06:30:00"
)
_priced(
    "last moment of all", (1000, "3"), (100, "5"), model="dateco/m", at="2026-03-19T23:59:59.999"
)
_unpriced("after the last price", model="dateco/m", at="2026-03-20T00:00:00")
for _name, _at, _in, _out in (
    ("microsecond before", "2026-03-10T06:29:59.999999", "1", "2"),
    ("microsecond after", "2026-03-10T06:30:00.000001", "3", "5"),
):
    _span = CALLS.span(f"list {_name}", provider="dateco", model="m", at=_at)
    PRICED[f"a {_name}"] = ("otel", _span, per_million((1000, _in), (100, _out)))

# Cliffs at 100 tokens of input, in which cached ones count. All tokens take the tier's price.
_SMALL = ("1", "0.1", "1.25", "2", "4")
_LONG = ("2", "0.2", "2.5", "4", "6")
for _model, _uncached, _prices in (
    ("above", 39, _SMALL),  # 99
    ("above", 40, _SMALL),  # 100 is not more than 100
    ("above", 41, _LONG),  # 101
    ("from", 39, _SMALL),  # 99
    ("from", 40, _LONG),  # 100 is at least 100
    ("from", 41, _LONG),  # 101
):
    # 30 read, 20 written for 5 minutes, 10 for an hour, 7 tokens out
    _priced(
        f"cliff {_model} with {_uncached + 60} tokens in",
        *zip((_uncached, 30, 20, 10, 7), _prices, strict=True),
        model=f"cliffco/{_model}",
        prompt=_uncached + 60,
        completion=7,
        usage={
            "prompt_tokens_details": {
                "cached_tokens": 30,
                "cache_creation_tokens": 30,
                "cache_creation_token_details": {
                    "ephemeral_5m_input_tokens": 20,
                    "ephemeral_1h_input_tokens": 10,
                },
            },
            "cache_read_input_tokens": 30,
            "cache_creation_input_tokens": 30,
        },
    )
_priced(
    "cliff of cached tokens alone",
    (101, "0.2"),
    (7, "6"),
    model="cliffco/above",
    prompt=101,
    completion=7,
    usage={"prompt_tokens_details": {"cached_tokens": 101}},
)
_priced(
    "output does not count for the cliff",
    (100, "1"),
    (5000, "4"),
    model="cliffco/above",
    prompt=100,
    completion=5000,
)
for _prompt, _in, _out in ((100, "1", "1"), (101, "2", "3"), (200, "2", "3"), (201, "5", "7")):
    _priced(
        f"two cliffs, {_prompt} tokens in",
        (_prompt, _in),
        (10, _out),
        model="cliffco/steps",
        prompt=_prompt,
        completion=10,
    )

# 60 of the 100 tokens out are reasoning.
_REASONING = {"completion_tokens_details": {"reasoning_tokens": 60}}
_priced(
    "reasoning inside output", (1000, "1"), (100, "10"), model="thinkco/inside", usage=_REASONING
)
_priced(
    "reasoning priced apart",
    (1000, "1"),
    (40, "10"),
    (60, "3"),
    model="thinkco/apart",
    usage=_REASONING,
)

# No price is never zero, a price of zero is a price, and half a price is none.
_unpriced("no such model", model="gapco/nothing")
_unpriced("output without a price", model="gapco/half")
_unpriced(
    "no such tier",
    model="gapco/tierless",
    metadata={"cost_breakdown": {"service_tier": "batch"}},
)
_unpriced("gateway says what it cost", model="gapco/nothing", spend=0.25)
_priced("no output, no price of it needed", (1000, "1"), model="gapco/half", completion=0)
_priced("free of charge", (1000, "0"), (100, "0"), model="gapco/free")

# Own prices of March: 7 for input at any length; the rest is the book's.
for _name, _at, _prompt, _in, _out in (
    ("before own prices", "2026-02-28T23:59:59.999", 100, "10", "20"),
    ("own price", "2026-03-01T00:00:00", 100, "7", "20"),
    ("own price past the cliff", "2026-03-31T23:59:59.999", 101, "7", "40"),
    ("after own prices", "2026-04-01T00:00:00", 101, "20", "40"),
):
    _priced(
        _name, (_prompt, _in), (10, _out), model="ownco/m", at=_at, prompt=_prompt, completion=10
    )

# Exact: 7 x 0.000000001 / 1,000,000 = 7E-15; 12,345,678,901 x 999,999.999999999 / 1,000,000
_priced("least price", (7, "0.000000001"), model="exactco/m", prompt=7, completion=0)
_priced(
    "nine decimals",
    (7, "0.000000001"),
    (13, "0.123456789"),
    model="exactco/m",
    prompt=7,
    completion=13,
)
_priced(
    "great numbers",
    (12_345_678_901, "999999.999999999"),
    model="exactco/dear",
    prompt=12_345_678_901,
    completion=0,
)

# logged name -> model, USD per million tokens, how it was found
NAMES = {
    "aliasco/base": ("base", "1", "exact"),
    "AliasCo/BASE": ("base", "1", "exact"),
    "aliasco/base-2026": ("other", "3", "exact"),
    "aliasco/base-2026-03-01": ("base", "1", "prefix"),
    "aliasco/base-long": ("base-long", "2", "exact"),
    "aliasco/base-long-2026": ("base-long", "2", "prefix"),
    "aliasco/base-ours": ("other", "3", "deployment"),
}
for _name, (_, _price, _) in NAMES.items():
    _priced(f"name {_name}", (1100, _price), model=_name, custom_llm_provider="aliasco")
_unpriced("ambiguous", model="aliasco/twins")
_unpriced("only the end of a name fits", model="aliasco/my-base")

# Hits of the gateway's own cache. The agreed 10 % is not in what they would have cost at list.
AVOIDED = {
    "hit": (per_million((100, "10"), (10, "20")), "hitco/m", 100),
    "hit past the cliff": (per_million((101, "20"), (10, "40")), "hitco/m", 101),
    "hit without a price": (Decimal(0), "gapco/nothing", 100),
}
for _name, (_, _model, _prompt) in AVOIDED.items():
    CALLS.call(
        f"{_id(_name)}_cache_hit1795254398.1",
        model=_model,
        prompt=_prompt,
        completion=10,
        cache_hit="True",
        at="2026-03-05T12:00:00",
    )


@pytest.mark.parametrize("name", PRICED)
def test_list_cost(agreed, name) -> None:
    source, row_id, money = PRICED[name]
    event = agreed.event(row_id, source)
    assert (event["list_cost_usd"], event["pricing_status"]) == (money, "priced")


@pytest.mark.parametrize("name", UNPRICED)
def test_no_price_is_never_zero_and_its_tokens_count(agreed, name) -> None:
    row_id, prompt, completion = UNPRICED[name]
    event = agreed.event(row_id)
    assert event["pricing_status"] == "unpriced"
    assert (event["list_cost_usd"], event["negotiated_cost_usd"]) == (None, None)
    assert (event["input_tokens"], event["output_tokens"]) == (prompt, completion)


def test_unpriced_tokens_are_counted_a_day_and_carry_no_money(agreed) -> None:
    rows = agreed.days("gapco", "2026-09-01", model_id="nothing")
    assert sum(row["unpriced_event_count"] for row in rows) == 2
    # (1000 + 100) x 2
    assert sum(row["unpriced_tokens"] for row in rows) == 2200
    assert sum(row["list_cost_usd"] for row in rows) == 0
    assert sum(row["contracted_cost_usd"] for row in rows) == 0


@pytest.mark.parametrize("name", ["reasoning inside output", "reasoning priced apart"])
def test_reasoning_is_inside_output(agreed, name) -> None:
    event = agreed.event(_id(name))
    assert (event["output_tokens"], event["reasoning_tokens"]) == (100, 60)


@pytest.mark.parametrize("name", NAMES)
def test_names_exact_then_the_longest_prefix(agreed, name) -> None:
    model, _, match_type = NAMES[name]
    event = agreed.event(_id(f"name {name}"))
    assert (event["provider"], event["model_id"]) == ("aliasco", model)
    assert event["match_type"] == match_type


def test_an_ambiguous_name_is_no_guess(agreed) -> None:
    event = agreed.event(_id("ambiguous"))
    assert (event["provider"], event["model_id"]) == ("aliasco", "twins")
    assert event["match_type"] == "ambiguous"
    model = agreed.state.one("dim_models", provider="aliasco", model_id="twins")
    assert (model["is_priced"], model["is_used"]) == (False, True)


@pytest.mark.parametrize("name", AVOIDED)
def test_a_hit_of_the_gateways_cache_costs_nothing(agreed, name) -> None:
    avoided, _, prompt = AVOIDED[name]
    event = agreed.event(f"{_id(name)}_cache_hit1795254398.1")
    assert (event["pricing_status"], event["is_gateway_cache_hit"]) == ("gateway_cache_hit", True)
    assert (event["list_cost_usd"], event["negotiated_cost_usd"]) == (0, 0)
    assert event["avoided_cost_usd"] == avoided
    assert (event["input_tokens"], event["output_tokens"]) == (prompt, 10)


def test_hits_avoid_costs_a_day(agreed) -> None:
    rows = agreed.days("hitco", "2026-03-05")
    # 100 x 10 + 10 x 20 = 1,200; 101 x 20 + 10 x 40 = 2,420; together 3,620 of a million
    assert sum(row["avoided_cost_usd"] for row in rows) == Decimal("0.00362")
    assert sum(row["contracted_cost_usd"] for row in rows) == 0
    assert sum(row["gateway_cache_hit_count"] for row in rows) == 2
