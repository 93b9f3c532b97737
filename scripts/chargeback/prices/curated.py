"""Rows a human keeps: prices genai-prices doesn't have, each with where it was read."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from chargeback.errors import ChargebackError
from chargeback.prices.book import COMPONENTS, FIRST_DATE, PriceRow

FOLDER = Path(__file__).parent / "curated"
PRICES = FOLDER / "prices.csv"
ALIASES = FOLDER / "aliases.csv"
TIERS = FOLDER / "tiers.csv"
OFF_PEAK = FOLDER / "off_peak.csv"
MINIMUMS = FOLDER / "minimums.csv"


def read_curated(path: Path = PRICES) -> list[PriceRow]:
    """Read curated prices: standard tier, base price, all day.

    An empty effective_from means always. A later date for the same model starts a new range,
    which must list every component again. Raises ChargebackError naming row and column.
    """
    ranges: dict[tuple[str, str], set[date]] = defaultdict(set)
    lines: list[tuple[dict[str, str], date, Decimal, date]] = []
    with path.open(newline="", encoding="utf-8") as file:
        for number, record in enumerate(csv.DictReader(file), start=2):
            where = f"{path.name} row {number}, column"
            if record["component"] not in COMPONENTS:
                raise ChargebackError(f"{where} component: is not known ({record['component']!r})")
            if not record["source"].startswith("curated: "):
                raise ChargebackError(f"{where} source: must start with 'curated: '")
            try:
                start = date.fromisoformat(record["effective_from"] or FIRST_DATE.isoformat())
                checked = date.fromisoformat(record["source_date"])
                price = Decimal(record["price"])
            except (ValueError, InvalidOperation) as error:
                raise ChargebackError(
                    f"{where}s price and dates: must be a number and dates like 2026-01-31"
                ) from error
            ranges[(record["provider"], record["model"])].add(start)
            lines.append((record, start, price, checked))
    return [
        PriceRow(
            provider=record["provider"],
            model=record["model"],
            region="",
            service_tier="standard",
            component=record["component"],
            unit=COMPONENTS[record["component"]],
            price=price,
            currency="USD",
            effective_from=start,
            effective_to=min(
                (d for d in ranges[(record["provider"], record["model"])] if d > start),
                default=None,
            ),
            min_input_tokens=0,
            threshold_operator=">=",
            daily_from="",
            daily_to="",
            source=record["source"],
            source_date=checked,
        )
        for record, start, price, checked in lines
    ]


def read_minimums(path: Path = MINIMUMS) -> dict[tuple[str, str, str], Decimal]:
    """The least quantity billed for a request, by provider, model and component."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            (record["provider"], record["model"], record["component"]): Decimal(
                record["min_quantity"]
            )
            for record in csv.DictReader(file)
        }


def with_minimums(
    rows: Iterable[PriceRow], minimums: dict[tuple[str, str, str], Decimal]
) -> list[PriceRow]:
    """The rows, with `min_quantity` where there is a rule."""
    return [
        replace(row, min_quantity=minimums[key])
        if (key := (row.provider, row.model, row.component)) in minimums
        else row
        for row in rows
    ]
