"""Rows of the price book, chosen by hand, and money by hand."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MILLION = Decimal(1_000_000)


@cache
def _book() -> dict[tuple[str, ...], dict[str, Decimal]]:
    cards: dict[tuple[str, ...], dict[str, Decimal]] = defaultdict(dict)
    path = ROOT / "seeds" / "reference" / "price_book.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["region"] or row["days_of_week"] == "67":
                continue
            key = (
                row["provider"],
                row["model"],
                row["service_tier"],
                row["effective_from"],
                row["min_input_tokens"],
                row["daily_from"],
            )
            cards[key][row["component"]] = Decimal(row["price"])
    return dict(cards)


def card(
    model: str,
    tier: str = "standard",
    since: str = "1970-01-01",
    above: int = 0,
    daily: str = "",
) -> dict[str, Decimal]:
    """USD per unit by component: the rows of `provider/model` that the test names, no others.

    Of every region; where the days of the week differ, of a working day.
    """
    provider, name = model.split("/", 1)
    return _book()[provider, name, tier, since, str(above), daily]


def cost(prices: dict[str, Decimal], **tokens: int) -> Decimal:
    """Tokens by component x price per million, exact."""
    return sum((prices[name] * count for name, count in tokens.items()), Decimal(0)) / MILLION


def per_million(*parts: tuple[int, str]) -> Decimal:
    """Sum of (tokens, USD per million tokens), exact."""
    return sum((Decimal(price) * tokens for tokens, price in parts), Decimal(0)) / MILLION


# What a plain call of `Logs.call` and `Logs.span` costs: 1,000 tokens in and 100 out of gpt-4.1.
PLAIN = Decimal("0.0028")
