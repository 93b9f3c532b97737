"""Joins a fresh reading with the price book that is there, so that history never changes.

One rule: before the day of the refresh the old book is right, from that day on the new reading
is. A rate card (provider, model, region, service tier) that is new comes in with all the history
the reading has; one that is gone from the reading stays as it is. What comes from LiteLLM's map,
which knows today's prices only, says nothing about the past and disputes none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from chargeback.prices.book import CardKey, Period, PriceRow, cards

TODAY_ONLY = "LiteLLM "


@dataclass
class Merge:
    """The merged rows, and what happened to each rate card."""

    rows: list[PriceRow] = field(default_factory=list)
    new: list[CardKey] = field(default_factory=list)
    changed: list[CardKey] = field(default_factory=list)
    gone: list[CardKey] = field(default_factory=list)
    unchanged: list[CardKey] = field(default_factory=list)
    disputed: list[CardKey] = field(default_factory=list)
    """Rate cards whose past the reading now tells differently. The old book's past was kept."""


def merge(
    old: Iterable[PriceRow],
    new: Iterable[PriceRow],
    refreshed_on: date,
    rewrite: Iterable[str] = (),
) -> Merge:
    """Merge a reading into a price book.

    `rewrite` names models ('openai/gpt-5') whose past is taken from the reading too: a correction
    that changes what old events cost.
    """
    before, after = cards(old), cards(new)
    corrected = set(rewrite)
    result = Merge()
    for card in sorted({*before, *after}):
        if card not in after:
            result.gone.append(card)
            periods = before[card]
        elif card not in before:
            result.new.append(card)
            periods = _joined(after[card])
        else:
            periods = _merge_card(
                result,
                card,
                before[card],
                after[card],
                refreshed_on=refreshed_on,
                corrected=corrected,
            )
        result.rows.extend(row for period in periods for row in period.rows)
    return result


def _merge_card(
    result: Merge,
    card: CardKey,
    before: list[Period],
    after: list[Period],
    *,
    refreshed_on: date,
    corrected: set[str],
) -> list[Period]:
    past_differs = _clip(before, None, refreshed_on) != _clip(after, None, refreshed_on)
    if past_differs and f"{card[0]}/{card[1]}" in corrected:
        result.changed.append(card)
        return _joined(after)
    told = [_clip(_dated(periods), None, refreshed_on) for periods in (before, after)]
    if told[0] != told[1]:
        result.disputed.append(card)
    if _clip(before, refreshed_on, None) == _clip(after, refreshed_on, None):
        result.unchanged.append(card)
        return before
    result.changed.append(card)
    kept = [part for period in before if (part := period.between(date.min, refreshed_on))]
    fresh = [part for period in after if (part := period.between(refreshed_on, None))]
    return _joined([*kept, *fresh])


def _clip(periods: list[Period], start: date | None, end: date | None) -> list[tuple[object, ...]]:
    """The periods inside [start, end) as comparable values, whatever their sources."""
    parts = [part for period in periods if (part := period.between(start or date.min, end))]
    return [(p.effective_from, p.effective_to, p.rates) for p in _joined(parts)]


def _dated(periods: list[Period]) -> list[Period]:
    """The periods without the rows of a source that knows today's prices only."""
    kept = [
        replace(period, rows=tuple(row for row in period.rows if TODAY_ONLY not in row.source))
        for period in periods
    ]
    return [period for period in kept if period.rows]


def _joined(periods: list[Period]) -> list[Period]:
    """Neighbours with equal prices become one period, which keeps the first one's sources."""
    joined: list[Period] = []
    for period in periods:
        last = joined[-1] if joined else None
        if last and last.effective_to == period.effective_from and last.rates == period.rates:
            rows = tuple(replace(row, effective_to=period.effective_to) for row in last.rows)
            joined[-1] = Period(last.effective_from, period.effective_to, rows)
        else:
            joined.append(period)
    return joined
