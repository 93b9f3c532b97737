"""The expanded rows rate like genai-prices does."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chargeback.prices.book import CardKey, PriceRow, cards
from chargeback.prices.check import check_book
from chargeback.prices.package import Reading
from prices.genai import context, package_models
from prices.lookup import cost, prices_at
from proof.components import factor_of, genai_usage, total_input

CASES = 2000
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MINUTES = 60 * 24 * 1200
CHAINED = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")


@pytest.fixture(scope="module")
def by_card(reading: Reading) -> dict[CardKey, list[PriceRow]]:
    found: dict[CardKey, list[PriceRow]] = defaultdict(list)
    for row in reading.rows:
        found[row.card].append(row)
    return found


def rated(
    by_card: Mapping[CardKey, list[PriceRow]],
    name: str,
    at: str,
    tier: str = "standard",
    **quantities: int,
) -> Decimal:
    """Cost of a request of 'provider/model' at a UTC time."""
    provider, model = name.split("/", 1)
    total = sum(n for c, n in quantities.items() if c.startswith(("input", "cache")))
    rows = by_card[(provider, model, "", tier)]
    return cost(prices_at(rows, datetime.fromisoformat(at), total), quantities)


@pytest.mark.parametrize(
    ("name", "at", "quantities", "expected"),
    [
        # The cliff is strictly above the threshold, and takes all tokens with it.
        ("google/gemini-2.5-pro", "2026-11-01", {"input": 200_000, "output": 1_000}, "0.26"),
        ("google/gemini-2.5-pro", "2026-11-01", {"input": 200_001, "output": 1_000}, "0.5150025"),
        ("openai/gpt-5.4", "2026-11-01", {"input": 272_000, "output": 1_000}, "0.695"),
        ("openai/gpt-5.4", "2026-11-01", {"input": 272_001, "output": 1_000}, "1.382505"),
        # Cached tokens count towards the threshold.
        (
            "google/gemini-2.5-pro",
            "2026-11-01",
            {"input": 1, "cache_read": 200_000, "output": 1_000},
            "0.0650025",
        ),
        # xAI counts from the threshold itself.
        ("x-ai/grok-4.3", "2026-11-01", {"input": 199_999, "output": 1_000}, "0.25249875"),
        ("x-ai/grok-4.3", "2026-11-01", {"input": 200_000, "output": 1_000}, "0.505"),
        # 100k of input: 60k read from the cache, 30k written of which 20k for an hour.
        (
            "anthropic/claude-sonnet-4-5",
            "2026-11-01",
            {
                "input": 10_000,
                "cache_read": 60_000,
                "cache_write_5m": 10_000,
                "cache_write_1h": 20_000,
                "output": 1_000,
            },
            "0.2205",
        ),
        # A price that changed on a day.
        ("openai/o3", "2025-06-09T23:59:59", {"input": 1_000_000, "output": 0}, "10"),
        ("openai/o3", "2025-06-10T00:00:00", {"input": 1_000_000, "output": 0}, "2"),
        ("anthropic/claude-opus-4-6", "2026-03-12", {"input": 300_000, "output": 0}, "3"),
        ("anthropic/claude-opus-4-6", "2026-03-13", {"input": 300_000, "output": 0}, "1.5"),
        # Off-peak by UTC hour; windows are half-open.
        ("deepseek/deepseek-flash", "2026-11-02T00:59:59", {"input": 1_000_000}, "0.15"),
        ("deepseek/deepseek-flash", "2026-11-02T01:00:00", {"input": 1_000_000}, "0.3"),
        ("deepseek/deepseek-flash", "2026-11-02T03:59:59", {"input": 1_000_000}, "0.3"),
        ("deepseek/deepseek-flash", "2026-11-02T04:00:00", {"input": 1_000_000}, "0.15"),
        ("deepseek/deepseek-flash", "2026-11-02T23:59:59", {"input": 1_000_000}, "0.15"),
        # Reasoning priced apart, citations, and a fee a search.
        (
            "perplexity/sonar-deep-research",
            "2026-08-01",
            {
                "input": 1_000,
                "output": 1_000,
                "reasoning": 1_000,
                "citation": 1_000,
                "web_search": 2,
            },
            "0.025",
        ),
        # Reasoning inside output elsewhere; a fee a request.
        ("openai/o3", "2026-11-01", {"reasoning": 500_000, "output": 500_000}, "8"),
        (
            "perplexity/sonar",
            "2026-08-01",
            {"input": 1_000, "output": 1_000, "request": 1},
            "0.014",
        ),
        # Borrowed: Azure has no price of its own for gpt-4o, OpenAI's list price holds.
        ("azure/gpt-4o", "2026-11-01", {"input": 1_000_000, "output": 100_000}, "3.5"),
    ],
)
def test_worked_example(
    by_card: dict[CardKey, list[PriceRow]],
    name: str,
    at: str,
    quantities: dict[str, int],
    expected: str,
) -> None:
    assert rated(by_card, name, at, **quantities) == Decimal(expected)


@pytest.mark.parametrize(
    ("name", "tier", "expected"),
    [
        # Half of input and output; the cached price is not halved, or has a price of its own.
        ("openai/gpt-4.1", "standard", "10.5"),
        ("openai/gpt-4.1", "batch", "5.5"),
        ("google/gemini-3.5-flash-lite", "standard", "2.83"),
        ("google/gemini-3.5-flash-lite", "batch", "1.42"),
        ("openai/gpt-5", "flex", "5.6875"),
        ("openai/gpt-5", "priority", "22.75"),
        ("openai/gpt-5", "fast", "22.75"),
        ("anthropic/claude-opus-5-5", "fast", "48.4"),
    ],
)
def test_service_tiers(
    by_card: dict[CardKey, list[PriceRow]], name: str, tier: str, expected: str
) -> None:
    each = {"input": 1_000_000, "cache_read": 1_000_000, "output": 1_000_000}
    assert rated(by_card, name, "2026-11-01", tier, **each) == Decimal(expected)


def test_a_tier_is_assumed_only_as_far_back_as_base_prices_held(
    by_card: dict[CardKey, list[PriceRow]],
) -> None:
    rows = by_card[("openai", "o3", "", "batch")]
    starts = {(row.effective_from.isoformat(), row.assumption) for row in rows}
    assert starts == {
        ("2025-06-10", ", tier assumed before 2026-10-14"),
        ("2026-10-14", ""),
    }
    assert {row.assumption for row in by_card[("openai", "o3", "", "standard")]} == {""}


def test_no_price_is_never_zero(reading: Reading) -> None:
    assert not [row for row in reading.rows if row.price == 0]
    assert any(line.startswith("openai/moderation: no price") for line in reading.skipped)


def test_rows_have_no_overlap_gap_or_odd_price(reading: Reading) -> None:
    assert check_book(reading.rows) == []


def test_every_range_is_self_contained(reading: Reading) -> None:
    for periods in cards(reading.rows).values():
        for period in periods:
            cells = defaultdict(set)
            for row in period.rows:
                cells[(row.min_input_tokens, row.daily_from)].add(row.component)
            assert len({frozenset(names) for names in cells.values()}) == 1


def test_random_requests_cost_what_genai_prices_says(
    package: tuple[str, list[Any]], by_card: dict[CardKey, list[PriceRow]]
) -> None:
    models = package_models(package[1])
    names = sorted(by_card)
    chance = random.Random(20261121)
    seen_tiers = set()
    compared = 0
    while compared < CASES:
        card = chance.choice(names)
        provider, model = models[card[:2]]
        at = FIRST + timedelta(minutes=chance.randrange(MINUTES))
        quantities = _quantities(chance, by_card[card], at)
        prices = prices_at(by_card[card], at, total_input(quantities))
        if not prices or any(row.assumption for row in prices.values()):
            continue
        quantities["request"] = 1 if "request" in prices else 0
        theirs = model.calc_price(
            genai_usage({name: n * factor_of(name) for name, n in quantities.items()}),
            provider,
            genai_request_timestamp=at,
            price_context=context(card[3], model),
        ).total_price
        assert cost(prices, quantities) == theirs, (card, at, quantities)
        seen_tiers.add(card[3])
        compared += 1
    assert seen_tiers == {"standard", "batch", "flex", "priority", "fast"}


def _quantities(chance: random.Random, rows: list[PriceRow], at: datetime) -> dict[str, int]:
    """Random exclusive quantities, often near a threshold of the rate card."""
    priced = set(prices_at(rows, at, 0))
    drawn = {name: chance.choice((0, 1, 999, 12_345)) for name in priced}
    for name in CHAINED:
        if ("output" if name in ("output", "reasoning") else "input") in priced:
            drawn[name] = chance.choice((0, 1, 10, 777, 50_001))
    for name in ("audio_hour", "input_audio_hour"):
        drawn[name] = chance.randrange(5) if name in priced else 0
    threshold = chance.choice([row.min_input_tokens for row in rows])
    others = sum(n for c, n in drawn.items() if c.startswith(("input", "cache")) and c != "input")
    if threshold and threshold > others:
        drawn["input"] = threshold - others + chance.choice((-1, 0, 1))
    drawn.pop("request", None)
    return drawn
