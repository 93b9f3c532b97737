"""Random requests that meet every rate card of the price book, and every edge inside it.

The same seed gives the same requests. Each request is for one rate card: provider, model, service
tier; the name it logs is one that both sides know the model by.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from chargeback.prices.book import FALLBACKS, CardKey, Period, PriceRow, cards
from prices.lookup import prices_at
from proof.components import COMPONENTS, TOTAL_INPUT, event_columns, total_input
from proof.names import Model, Names

SEED = 20261122
FIRST, LAST = date(2024, 1, 1), date(2027, 12, 31)
_RANDOM_A_CARD = 70
_FRIDAY = 5
_SECOND = timedelta(seconds=1)
_DRAWN = tuple(part.name for part in COMPONENTS if part.columns)
_USUAL = {"input", "cache_read", "cache_write_5m", "cache_write_1h", "output"}
#: Costs nothing where a card has no price for it, whatever it falls back on.
_ONLY_PRICED = {"citation"}
_TOKENS = (0, 0, 1, 7, 999, 1_000, 12_345)
_FRACTIONAL = {"search_unit", "read_unit", "write_unit", "storage_gb_month", "input_audio_hour"}
_BILLION = 1_000_000_000


@dataclass(frozen=True)
class Request:
    """One request: what is logged, and the price book's row of each component for it.

    `name` is the model's name without the provider that may be logged before it; `quantities` are
    exclusive, in the event's units, and not 0; `kind` says why it was drawn.
    """

    number: int
    card: CardKey
    logged_provider: str
    logged_model: str
    name: str
    at: datetime
    quantities: dict[str, int | Decimal]
    kind: str
    prices: dict[str, PriceRow] = field(repr=False)

    @property
    def total_input(self) -> int:
        """Input tokens, cached ones included."""
        return total_input(self.quantities)

    @property
    def event(self) -> dict[str, object]:
        """The request as attribution would give it."""
        return {
            "line_number": self.number,
            "provider_name": self.logged_provider,
            "model_name": self.logged_model,
            "region_name": self.card[2] or None,
            "service_tier": self.card[3],
            "operation": "chat",
            "event_at": self.at,
            **event_columns(self.quantities),
        }

    def price_row(self, component: str) -> PriceRow | None:
        """The row that prices a component: its own, or the first it falls back on."""
        chain = (component, *FALLBACKS.get(component, ()))
        return next((self.prices[name] for name in chain if name in self.prices), None)


def draw(rows: Iterable[PriceRow], names: Mapping[Model, Names], seed: int = SEED) -> list[Request]:
    """All requests, in an order that only the seed decides."""
    book = cards(rows)
    drawing = _Drawing(random.Random(seed), names, book.keys())
    for card, periods in sorted(book.items()):
        drawing.draw_card(card, periods)
    return drawing.requests


def is_of_genai_prices(row: PriceRow) -> bool:
    """Whether genai-prices says the price, and LiteLLM had no part in it."""
    return row.source.startswith("genai-prices") and "LiteLLM" not in row.source


class _Drawing:
    def __init__(
        self, chance: random.Random, names: Mapping[Model, Names], cards: Collection[CardKey]
    ):
        self.chance = chance
        self.names = names
        self.cards = cards
        self.regions = sorted({(card[0], card[2]) for card in cards if card[2]})
        self.requests: list[Request] = []

    def draw_card(self, card: CardKey, periods: Sequence[Period]) -> None:
        rows = [row for period in periods for row in period.rows]
        is_genai = any(map(is_of_genai_prices, rows))
        told = {row.component for row in rows if is_of_genai_prices(row) or not is_genai}
        added = {row.component for row in rows} - told
        for at in _edges(periods):
            self.add(card, rows, at, self.quantities(told, added), "edge of dates")
        # Long ago a tier may have had another price than is assumed: its edges are enough.
        known = [p for p in periods if not any(row.assumption for row in p.rows)] or periods
        for period in known:
            self.draw_windows(card, rows, period, told, added)
            self.draw_thresholds(card, rows, period, told, added)
        limit = _added_threshold(rows) if is_genai else None
        for _ in range(_RANDOM_A_CARD if is_genai else _RANDOM_A_CARD // 10):
            drawn = self.quantities(told, added)
            while limit and total_input(drawn) >= limit:
                drawn = self.quantities(told, added)
            self.add(card, rows, self.moment(self.chance.choice(known)), drawn, "random")
        at = self.moment(known[-1])
        self.add(card, rows, at, {}, "nothing")
        priced = told.intersection(_DRAWN)
        for name in sorted(priced):
            self.add(card, rows, at, {name: 1_000}, "alone")
        huge = {name: self.chance.randrange(_BILLION, 1000 * _BILLION) for name in sorted(priced)}
        self.add(card, rows, at, huge, "huge")
        if added.intersection(_DRAWN):
            self.add(card, rows, at, dict.fromkeys(added.intersection(_DRAWN), 1_000), "completed")
        if "output" not in told and self.chance.random() < 0.3:
            self.add(card, rows, at, {"input": 1_000, "output": 10}, "no price")
        differing = self.names[card[:2]].differing
        if differing and card[2:] == ("", "standard") and self.chance.random() < 0.5:
            self.add(card, rows, at, {"input": 1_000}, "name", differing[0])

    def draw_windows(
        self, card: CardKey, rows: list[PriceRow], period: Period, told: set[str], added: set[str]
    ) -> None:
        """Each side of each edge of the day's windows, from a Friday to the Monday after."""
        clocks = {row.daily_from for row in period.rows if row.daily_from}
        if not clocks:
            return
        first = max(period.effective_from, FIRST)
        friday = first + timedelta(days=(_FRIDAY - first.isoweekday()) % 7)
        for day in (friday + timedelta(days=number) for number in range(4)):
            if period.effective_to and day >= period.effective_to:
                break
            for clock in sorted(clocks):
                edge = datetime.combine(day, time.fromisoformat(clock))
                for at in (edge - _SECOND, edge):
                    self.add(card, rows, at, self.quantities(told, added), "edge of hours")

    def draw_thresholds(
        self, card: CardKey, rows: list[PriceRow], period: Period, told: set[str], added: set[str]
    ) -> None:
        """One token below each threshold, at it, and one above; once with cached tokens."""
        for threshold in sorted({row.min_input_tokens for row in period.rows} - {0}):
            for is_cached in (False, True):
                for more in (-1, 0, 1):
                    drawn = self.quantities(told, added)
                    for name in TOTAL_INPUT:
                        drawn.pop(name, None)
                    others = self.chance.randrange(threshold - 1) if is_cached else 0
                    drawn["input"] = threshold + more - others
                    if others:
                        drawn["cache_read"] = others
                    self.add(card, rows, self.moment(period), drawn, "edge of size")

    def quantities(self, told: set[str], added: set[str]) -> dict[str, int | Decimal]:
        """Quantities of what the card prices, and of what falls back on it; often zero.

        Not of what takes a price that was `added` to those that the card's source tells.
        """
        drawn: dict[str, int | Decimal] = {}
        for name in _DRAWN:
            chain = (name, *FALLBACKS.get(name, ()))
            paying = next((part for part in chain if part in told or part in added), None)
            if paying in told and (name in told or name not in _ONLY_PRICED):
                drawn[name] = self.quantity(name, name in told)
        return {name: count for name, count in drawn.items() if count}

    def quantity(self, name: str, is_priced: bool) -> int | Decimal:
        """One quantity. What few calls have, or falls back on another's price, is rarer."""
        if not (is_priced and name in _USUAL) and self.chance.random() < 0.7:
            return 0
        if name in _FRACTIONAL and self.chance.random() < 0.5:
            return Decimal(self.chance.randrange(10**9)) / 10**6
        if self.chance.random() < 0.5:
            return self.chance.choice(_TOKENS)
        return int(10 ** self.chance.uniform(0, 6.5))

    def moment(self, period: Period) -> datetime:
        """A time in the period, to the microsecond."""
        start = max(period.effective_from, FIRST)
        end = min(period.effective_to or LAST, LAST)
        span = timedelta(days=max((end - start).days, 1)) // timedelta(microseconds=1)
        return datetime.combine(start, time(0)) + timedelta(
            microseconds=self.chance.randrange(span)
        )

    def names_in(self, card: CardKey, names: Sequence[str]) -> Sequence[str]:
        """Names that say no other region than the card's, unless that has no price of its own."""
        provider, model, region, tier = card
        told = {
            name: next(
                (
                    r
                    for p, r in self.regions
                    if p == provider and name.startswith((f"{r}.", f"{r}/"))
                ),
                region,
            )
            for name in names
        }
        return [
            name
            for name, said in told.items()
            if said == region or (not region and (provider, model, said, tier) not in self.cards)
        ] or names

    def add(
        self,
        card: CardKey,
        rows: list[PriceRow],
        at: datetime,
        quantities: dict[str, int | Decimal],
        kind: str,
        name: str = "",
    ) -> None:
        known_as = self.names[card[:2]]
        provider = self.chance.choice(known_as.providers)
        name = name or self.chance.choice(self.names_in(card, known_as.models))
        logged = f"{self.chance.choice(known_as.providers)}/{name}"
        # Perplexity sells another model as `perplexity/sonar` than as `sonar`.
        if self.chance.random() < 0.8 or (card[0], logged) in self.names:
            logged = name
        prices = prices_at(rows, at, total_input(quantities))
        self.requests.append(
            Request(
                len(self.requests) + 1, card, provider, logged, name, at, quantities, kind, prices
            )
        )


def _added_threshold(rows: Iterable[PriceRow]) -> int | None:
    """The least threshold of a long context whose prices LiteLLM's map added."""
    return min(
        (row.min_input_tokens for row in rows if row.min_input_tokens and "LiteLLM" in row.source),
        default=None,
    )


def _edges(periods: Sequence[Period]) -> Iterator[datetime]:
    """A second before each day on which a price starts or ends, and that day's first moment."""
    days = {period.effective_from for period in periods}
    days.update(period.effective_to for period in periods if period.effective_to)
    for day in sorted(days):
        if day > date(1970, 1, 1):
            midnight = datetime.combine(day, time(0))
            yield midnight - _SECOND
            yield midnight
