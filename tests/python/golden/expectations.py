"""`expected.csv`: what becomes of each raw row of `logs/`, worked out by hand."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

PATH = Path(__file__).parent / "expected.csv"
EVENT = "event"
#: Columns of an event that are compared as they stand.
TEXTS = (
    "team_id",
    "attribution_method",
    "ownership_rule_id",
    "feature_id",
    "action_class",
    "purpose",
    "eval_scope",
    "pricing_status",
)
MONEY = ("list_cost_usd", "avoided_cost_usd")
MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Expected:
    """One raw row: what it is about, what becomes of it, and why."""

    case: str
    source: str
    row: str
    becomes: str
    values: dict[str, object]
    cost_by_hand: str
    why: str

    @property
    def place(self) -> tuple[str, str]:
        """Source and id there."""
        return self.source, self.row


def read() -> list[Expected]:
    """All rows of the table, in its order."""
    with PATH.open(encoding="utf-8", newline="") as file:
        return [_expected(row) for row in csv.DictReader(file)]


def by_hand(text: str) -> Decimal:
    """USD of an arithmetic such as `1000 x 2 + 100 x 8`: quantities x dollars a million."""
    terms = (term.split(" x ") for term in text.split(" + "))
    return sum((Decimal(count) * Decimal(price) for count, price in terms), Decimal()) / MILLION


def _expected(row: dict[str, str]) -> Expected:
    values: dict[str, object] = {}
    if row["becomes"] == EVENT:
        values = {column: row[column] or None for column in TEXTS}
        values |= {column: Decimal(row[column]) if row[column] else None for column in MONEY}
        values["event_at"] = datetime.fromisoformat(row["event_at"])
    return Expected(
        row["case"],
        row["source"],
        row["row"],
        row["becomes"],
        values,
        row["cost_by_hand"],
        row["why"],
    )
