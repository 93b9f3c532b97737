"""Rules of peak hours that genai-prices cannot say: since when they hold, and on which weekdays.

Its daily windows hold every day and in every range of dates. A rule of `curated/off_peak.csv`
corrects the windows of one model: before `windows_from` the price outside the peak holds all day;
from then on a peak price is `peak_factor` times the price outside the peak of the same range; from
`days_from` on the peak holds on `days_of_week` only. The rows of the other days keep the same
windows, so that every row of a range has one of the same windows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from chargeback.errors import ChargebackError
from chargeback.prices.book import EVERY_DAY, Period, PriceRow, cards

Window = tuple[str, str]


@dataclass(frozen=True)
class OffPeakRule:
    """When the peak prices of a model hold."""

    provider: str
    model: str
    windows_from: date
    peak_factor: Decimal
    days_of_week: str
    days_from: date
    source: str

    @property
    def other_days(self) -> str:
        """The days without a peak."""
        return "".join(day for day in EVERY_DAY if day not in self.days_of_week)


def read_off_peak(path: Path) -> list[OffPeakRule]:
    """Read the rules; an empty date means always. Raises ChargebackError naming the row."""
    rules = []
    with path.open(newline="", encoding="utf-8") as file:
        for number, record in enumerate(csv.DictReader(file), start=2):
            days = record["days_of_week"]
            if not days or sorted(set(days) & set(EVERY_DAY)) != list(days):
                raise ChargebackError(
                    f"{path.name} row {number}, column days_of_week: must be ISO days in order, "
                    f"like 12345 ({days!r})"
                )
            rules.append(
                OffPeakRule(
                    record["provider"],
                    record["model"],
                    _day(record["windows_from"]),
                    Decimal(record["peak_factor"]),
                    days,
                    _day(record["days_from"]),
                    record["source"],
                )
            )
    return rules


def with_off_peak(rows: Iterable[PriceRow], rules: Iterable[OffPeakRule]) -> list[PriceRow]:
    """The rows, with the windows of the models that have a rule as the rule says."""
    by_model = {(rule.provider, rule.model): rule for rule in rules}
    found: list[PriceRow] = []
    for card, periods in cards(rows).items():
        rule = by_model.get(card[:2])
        for period in periods:
            if rule and any(row.daily_from for row in period.rows):
                found.extend(_ruled(period, rule))
            else:
                found.extend(period.rows)
    return found


def _ruled(period: Period, rule: OffPeakRule) -> Iterator[PriceRow]:
    peak = _peak_windows(period)
    starts = sorted({date.min, rule.windows_from, rule.days_from})
    source = f", peak hours {rule.source}"
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        part = period.between(start, end)
        if part is None:
            continue
        base = [row for row in part.rows if (row.daily_from, row.daily_to) not in peak]
        first = min(row.daily_from for row in base)
        if part.effective_from < rule.windows_from:
            for row in base:
                if row.daily_from == first:
                    yield replace(row, daily_from="", daily_to="", source=row.source + source)
            continue
        is_weekly = part.effective_from >= rule.days_from and rule.other_days
        for row in part.rows:
            outside = next(
                other
                for other in base
                if other.daily_from == first
                and (other.component, other.min_input_tokens)
                == (row.component, row.min_input_tokens)
            )
            is_peak = (row.daily_from, row.daily_to) in peak
            price = outside.price * rule.peak_factor if is_peak else row.price
            days = rule.days_of_week if is_weekly else ""
            ruled = replace(row, source=row.source + source)
            yield replace(ruled, price=price, days_of_week=days)
            if is_weekly:
                yield replace(ruled, price=outside.price, days_of_week=rule.other_days)


def _peak_windows(period: Period) -> set[Window]:
    """Windows in which input costs more than in the cheapest one."""
    base = [row for row in period.rows if row.component == "input" and not row.min_input_tokens]
    cheapest = min(row.price for row in base)
    return {(row.daily_from, row.daily_to) for row in base if row.price > cheapest}


def _day(text: str) -> date:
    return date.fromisoformat(text) if text else date.min
