"""Sorts models into frontier, standard and small by what their output costs.

The rule reads the newest standard base price of output, in USD per million tokens: 10 and above
is frontier, 3 and above is standard, less is small; a model without an output price (embeddings,
rerank, speech) is small. Hand-kept rows win over the rule.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from chargeback.errors import ChargebackError
from chargeback.prices.book import PriceRow, write_csv

COLUMNS = ("provider", "model", "model_tier", "source")
MODEL_TIERS = ("frontier", "standard", "small")
FRONTIER_FROM = Decimal(10)
STANDARD_FROM = Decimal(3)
BY_RULE = "output price"
BY_HAND = "curated"

TierRow = tuple[str, str, str, str]


def model_tiers(rows: Iterable[PriceRow], by_hand: Iterable[TierRow] = ()) -> list[TierRow]:
    """One row a (provider, model) of the price book, sorted; hand-kept rows replace the rule's."""
    newest: dict[tuple[str, str], PriceRow | None] = {}
    for row in rows:
        model = (row.provider, row.model)
        newest.setdefault(model, None)
        if row.card[2:] != ("", "standard") or row.component != "output" or row.min_input_tokens:
            continue
        known = newest[model]
        if known is None or (row.effective_from, row.price) > (known.effective_from, known.price):
            newest[model] = row
    found = {
        (provider, model): (provider, model, _tier(row), BY_RULE)
        for (provider, model), row in newest.items()
    }
    found.update({(line[0], line[1]): line for line in by_hand})
    return sorted(found.values())


def read_tiers(path: Path) -> list[TierRow]:
    """Read hand-kept tiers. A missing file has no rows."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        found = []
        for number, record in enumerate(csv.DictReader(file), start=2):
            if record["model_tier"] not in MODEL_TIERS:
                raise ChargebackError(
                    f"{path.name} row {number}, column model_tier: "
                    f"must be one of {', '.join(MODEL_TIERS)} ({record['model_tier']!r})"
                )
            source = record.get("source") or BY_HAND
            found.append((record["provider"], record["model"], record["model_tier"], source))
        return found


def write_tiers(path: Path, rows: Iterable[TierRow]) -> None:
    """Write model_tiers.csv."""
    write_csv(path, COLUMNS, rows)


def _tier(row: PriceRow | None) -> str:
    if row is None:
        return "small"
    if row.price >= FRONTIER_FROM:
        return "frontier"
    return "standard" if row.price >= STANDARD_FROM else "small"
