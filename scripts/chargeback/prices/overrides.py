"""A company's own prices: rows that win over the price book for what they state.

The seed `price_overrides` has the price book's columns and a comment. What is left empty takes the
plain value: every region, no threshold (the row then holds at every threshold of the card), all
day, every day. Nothing has to be complete: a row replaces one component's price in its range.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from chargeback.errors import ChargebackError
from chargeback.prices.book import COLUMNS as BOOK_COLUMNS
from chargeback.prices.book import PriceRow, decimal_text, parse_row
from chargeback.prices.check import (
    Finding,
    Numbered,
    duplicates,
    fields,
    finding,
    number_rows,
    ratios,
)

FILE = "price_overrides.csv"
COLUMNS = (*BOOK_COLUMNS, "comment")
REQUIRED = ("provider", "model", "service_tier", "component", "unit", "price", "currency")
#: An own price this many times the list price, or less than the inverse, looks wrong.
LIST_FACTOR = 20
_PLAIN = {
    "min_input_tokens": "0",
    "threshold_operator": ">=",
    "source": "company",
}


def read_overrides(path: Path) -> list[PriceRow]:
    """Read the seed. Raises ChargebackError naming row and column for text it cannot read."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise ChargebackError(f"{path.name}: missing column {', '.join(missing)}")
        found = []
        for number, record in enumerate(reader, start=2):
            for name in (*REQUIRED, "effective_from", "comment"):
                if not record[name]:
                    raise ChargebackError(f"{path.name} row {number}, column {name}: is empty")
            plain = {**_PLAIN, "source_date": record["effective_from"]}
            filled = {name: record[name] or plain.get(name, "") for name in BOOK_COLUMNS}
            found.append(parse_row(path, number, filled))
        return found


def check_overrides(
    path: Path, book: Iterable[PriceRow], deployed: set[tuple[str, str]]
) -> list[Finding]:
    """Findings in the seed. `deployed` are the (provider, model) of the company's deployments."""
    if not path.exists():
        return []
    items = number_rows(read_overrides(path))
    rows = list(book)
    priced = {(row.provider, row.model) for row in rows}
    found = [*fields(items), *duplicates(items), *_overlaps(items), *ratios(items)]
    found.extend(_against_list(items, rows))
    for item in items:
        if (item.row.provider, item.row.model) not in priced | deployed:
            why = "is neither in the price book nor behind a deployment: no event reaches it"
            found.append(finding(item, "model", why))
    return sorted({replace(f, file=path.name) for f in found})


def _overlaps(items: Iterable[Numbered]) -> Iterator[Finding]:
    """At any moment one own price holds. Gaps are fine: the price book holds there."""
    groups: dict[tuple[object, ...], list[Numbered]] = defaultdict(list)
    for item in items:
        row = item.row
        groups[(*row.card, row.component, *row.cell)].append(item)
    for members in groups.values():
        members.sort(key=lambda item: item.row.effective_from)
        for before, after in pairwise(members):
            end = before.row.effective_to
            if end is None or after.row.effective_from < end:
                shown = f"{before.row.effective_from} to {end or 'the end'}"
                yield finding(after, "effective_from", f"overlaps row {before.number} ({shown})")


def _against_list(items: Iterable[Numbered], book: Iterable[PriceRow]) -> Iterator[Finding]:
    """An own price far from every list price of the same component of the same model."""
    listed: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for row in book:
        if row.price > 0:
            listed[(row.provider, row.model, row.component)].append(row.price)
    for item in items:
        row = item.row
        prices = listed.get((row.provider, row.model, row.component))
        if not prices or row.price <= 0:
            continue
        if row.price > max(prices) * LIST_FACTOR or row.price * LIST_FACTOR < min(prices):
            shown = "/".join(decimal_text(price) for price in sorted({min(prices), max(prices)}))
            yield finding(item, "price", f"is far from the list price {shown}: wrong unit?")
