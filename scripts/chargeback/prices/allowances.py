"""Free allowances: what a provider gives an organisation for nothing each day or month.

The seed `free_allowances` is kept by hand. Rows of one `allowance` share its quantity: the models
they name use it up together.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from chargeback.errors import ChargebackError
from chargeback.prices.book import COMPONENTS
from chargeback.prices.check import Finding
from chargeback.prices.litellm_map import FreeSearches

FILE = "free_allowances.csv"
PERIODS = ("day", "month")
POOLS = ("organisation", "project", "account")


@dataclass(frozen=True)
class Allowance:
    """One model (or every model, when empty) of a free allowance."""

    allowance: str
    provider: str
    model: str
    component: str
    quantity: Decimal
    period: str
    pooled_over: str
    condition: str
    source: str
    source_date: date


COLUMNS = tuple(field.name for field in fields(Allowance))


def read_allowances(path: Path) -> list[Allowance]:
    """Read the seed. Raises ChargebackError naming row and column for text it cannot read."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise ChargebackError(f"{path.name}: missing column {', '.join(missing)}")
        found = []
        for number, record in enumerate(reader, start=2):
            try:
                quantity = Decimal(record["quantity"])
                read_on = date.fromisoformat(record["source_date"])
            except (InvalidOperation, ValueError) as error:
                raise ChargebackError(
                    f"{path.name} row {number}, columns quantity and source_date: "
                    "must be a number and a date like 2026-01-31"
                ) from error
            text = {name: record[name] or "" for name in COLUMNS}
            found.append(Allowance(**{**text, "quantity": quantity, "source_date": read_on}))  # type: ignore[arg-type]
        return found


def check_allowances(path: Path, priced: set[tuple[str, str]]) -> list[Finding]:
    """Findings in the seed: what it names must have a price, and one pool has one quantity."""
    if not path.exists():
        return []
    providers = {provider for provider, _ in priced}
    seen: dict[tuple[str, ...], int] = {}
    pools: dict[str, tuple[object, ...]] = {}
    found = []
    for number, row in enumerate(read_allowances(path), start=2):
        key = (row.provider, row.model, row.component, row.period)
        unit = COMPONENTS.get(row.component)
        pool = (row.provider, unit, row.quantity, row.period, row.pooled_over)
        checks = [
            ("allowance", bool(row.allowance), "is empty"),
            ("provider", row.provider in providers, f"{row.provider!r} has no price"),
            (
                "model",
                not row.model or (row.provider, row.model) in priced,
                f"{row.provider}/{row.model} has no price",
            ),
            ("component", row.component in COMPONENTS, f"{row.component!r} is unknown"),
            ("quantity", row.quantity > 0, "must be more than 0"),
            ("period", row.period in PERIODS, f"must be {' or '.join(PERIODS)}"),
            ("pooled_over", row.pooled_over in POOLS, f"must be one of {', '.join(POOLS)}"),
            ("source", bool(row.source), "is empty"),
            ("model", seen.setdefault(key, number) == number, f"the same as row {seen[key]}"),
            (
                "quantity",
                pools.setdefault(row.allowance, pool) == pool,
                f"{row.allowance!r} has another quantity, unit or period in a row above",
            ),
        ]
        found.extend(
            Finding(path.name, number, column, f"{row.allowance}: {why}")
            for column, fine, why in checks
            if not fine
        )
    return found


def missing_allowances(
    allowances: Iterable[Allowance], free_searches: Iterable[FreeSearches]
) -> list[str]:
    """Free web searches LiteLLM's map knows and the seed has not, or has otherwise."""
    ours: dict[str, set[tuple[Decimal, str]]] = defaultdict(set)
    for row in allowances:
        if row.component == "web_search":
            ours[f"{row.provider}: {row.allowance}"].add((row.quantity, row.period))
    found = set()
    for free in free_searches:
        name = f"{free.provider}: {free.shared_by or free.key}"
        if (free.count, free.period) not in ours[name]:
            found.add(f"{name}: LiteLLM says {free.count} free web searches a {free.period}")
    return sorted(found)
