"""Completes the rows of genai-prices and the curated rows with LiteLLM's price map.

Where both price the same thing the rows win, and a difference is reported. LiteLLM gives what the
rows lack: components and service tiers of models they have, other models, and regions. It knows
today's prices only: what it gives a model of the rows holds as long as that model's current prices
do, and a model it alone has always cost what it costs today.

A price is taken for a model of the rows only from an entry that means the same model (the same
name, or an exact alias) and agrees with the rows on what both say of its base prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from chargeback.prices.aliases import Alias, resolve
from chargeback.prices.book import (
    COMPONENTS,
    FALLBACKS,
    FIRST_DATE,
    CardKey,
    Period,
    PriceRow,
    cards,
    decimal_text,
)
from chargeback.prices.check import check_book
from chargeback.prices.litellm_map import Cell, MapReading, Offer
from chargeback.prices.map_entries import GEOGRAPHIES, Kind, Model, sort_out

#: The map cuts some prices to few digits.
TOLERANCE = Decimal("5E-4")
#: Their price past a threshold must be known; other components cost the same there.
_THRESHOLD_PRICED = {
    "input",
    "output",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "reasoning",
}
#: Another way to say what a call costs that the rows price by token.
_INSTEAD_OF_TOKENS = {"generated_image", "input_character", "audio_hour"}
_TIERS = ("batch", "flex", "priority")


@dataclass(frozen=True, order=True)
class Disagreement:
    """Both sources price a thing, differently. The price book has `ours`."""

    provider: str
    model: str
    service_tier: str
    component: str
    min_input_tokens: int
    ours: str
    theirs: str
    source: str
    key: str


@dataclass
class Completion:
    """The completed rows, and what the map said that they don't."""

    rows: list[PriceRow] = field(default_factory=list)
    compared: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)
    not_taken: list[str] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    """Patterns of the models the map alone has, where their own name is not enough."""
    absurd: list[str] = field(default_factory=list)
    added_components: list[str] = field(default_factory=list)
    added_thresholds: list[str] = field(default_factory=list)
    added_tiers: list[str] = field(default_factory=list)
    added_models: list[str] = field(default_factory=list)
    added_regions: list[str] = field(default_factory=list)


def complete(
    rows: Iterable[PriceRow],
    reading: MapReading,
    aliases: Iterable[Alias],
    refreshed_on: date,
) -> Completion:
    """Add what the map has and the rows lack. The same input gives the same rows, in any order."""
    aliases = list(aliases)
    book = _Book(rows, reading.version, refreshed_on)
    found = sort_out(reading.offers, aliases, book.models)
    result = Completion()
    for model in sorted(found.known):
        _complete_model(book, result, model, found.known[model])
    for model in sorted(found.new):
        _add_model(book, result, model, found.new[model])
    for (provider, name, region), offers in sorted(found.regional.items()):
        _add_region(book, result, (provider, name), region, offers)
    for model in sorted(found.known):
        _add_us_only(book, result, model, found.known[model])
    result.rows = book.all_rows()
    _drop_absurd(result, book)
    result.aliases = _aliases(result.rows, aliases, book)
    result.disagreements.sort()
    result.not_taken = sorted(set(result.not_taken))
    return result


class _Book:
    """Rate cards that grow: the periods of each, and the one of the day of the refresh."""

    def __init__(self, rows: Iterable[PriceRow], version: str, refreshed_on: date):
        self.periods = cards(rows)
        self.source = f"LiteLLM {version}"
        self.today = refreshed_on
        self.given = set(self.periods)
        self.models = {card[:2] for card in self.periods}

    def current(self, model: Model, tier: str = "standard", region: str = "") -> Period | None:
        """The period of a card that holds today."""
        for period in self.periods.get((*model, region, tier), ()):
            if period.between(self.today, None) and period.effective_from <= self.today:
                return period
        return None

    def tiers(self, model: Model) -> list[str]:
        """Tiers of a model that hold today in every region."""
        names = sorted({card[3] for card in self.periods if card[:3] == (*model, "")})
        return [tier for tier in names if self.current(model, tier)]

    def put(self, card: CardKey, period: Period) -> None:
        """Replace the period that starts on the same day, or add it."""
        kept = [p for p in self.periods.get(card, []) if p.effective_from != period.effective_from]
        self.periods[card] = sorted([*kept, period], key=lambda p: p.effective_from)

    def row(
        self,
        card: CardKey,
        like: PriceRow | None,
        component: str,
        price: Decimal,
        *,
        cell: tuple[int, str] = (0, ">="),
    ) -> PriceRow:
        """A row of the map; threshold, window and range are those of `like`, else since ever."""
        return PriceRow(
            provider=card[0],
            model=card[1],
            region=card[2],
            service_tier=card[3],
            component=component,
            unit=COMPONENTS[component],
            price=price,
            currency="USD",
            effective_from=like.effective_from if like else FIRST_DATE,
            effective_to=like.effective_to if like else None,
            min_input_tokens=like.min_input_tokens if like else cell[0],
            threshold_operator=like.threshold_operator if like else cell[1],
            days_of_week=like.days_of_week if like else "",
            daily_from=like.daily_from if like else "",
            daily_to=like.daily_to if like else "",
            source=self.source,
            source_date=self.today,
        )

    def all_rows(self) -> list[PriceRow]:
        return [row for periods in self.periods.values() for p in periods for row in p.rows]


def _complete_model(
    book: _Book, result: Completion, model: Model, entries: list[tuple[Kind, Offer]]
) -> None:
    standard = book.current(model)
    if standard is None:
        result.not_taken.append(f"{_name(model)}: no standard price of today to complete")
        return
    usable = [
        offer for kind, offer in entries if _compare(book, result, model, offer) and kind == "same"
    ]
    if not usable or any(row.daily_from or row.days_of_week for row in standard.rows):
        return
    prices = _first_of(usable)
    standard = _add_thresholds(book, result, model, standard, prices)
    added = _new_components(standard, prices, "standard")
    existing = book.tiers(model)
    if added:
        _add_components(book, (*model, "", "standard"), standard, added)
        result.added_components.append(f"{_name(model)} {', '.join(sorted({c for c, _ in added}))}")
        for tier in existing:
            period = book.current(model, tier)
            if tier != "standard" and period:
                card = (*model, "", tier)
                _add_components(book, card, period, _tier_prices(period, prices, added, tier))
    standard = book.current(model)
    for tier in _TIERS:
        if tier not in existing and standard:
            rows = _tier_rows(book, (*model, "", tier), standard.rows, prices, tier)
            if rows is None:
                result.not_taken.append(f"{_name(model)} {tier}: no price past the threshold")
            elif rows:
                span = standard.effective_from, standard.effective_to
                book.put((*model, "", tier), Period(*span, tuple(rows)))
                result.added_tiers.append(f"{_name(model)} {tier}")


def _add_thresholds(
    book: _Book,
    result: Completion,
    model: Model,
    standard: Period,
    prices: Mapping[Cell, Decimal],
) -> Period:
    """Long-context prices of a model the rows have none of; all of its prices, or none."""
    minimums = sorted({m for t, m, c in prices if m and t == "standard" and c == "input"})
    if not minimums or len({row.cell for row in standard.rows}) > 1:
        return standard
    rows = list(standard.rows)
    for minimum in minimums:
        for like in standard.rows:
            price = prices.get(("standard", minimum, like.component))
            if price is None and like.component in _THRESHOLD_PRICED:
                result.not_taken.append(
                    f"{_name(model)}: above {minimum} {like.component} has no price"
                )
                return standard
            above = replace(like, min_input_tokens=minimum, threshold_operator=_operator(model))
            if price is not None:
                above = replace(above, price=price, source=book.source, source_date=book.today)
            rows.append(above)
    result.added_thresholds.append(f"{_name(model)} {', '.join(map(str, minimums))}")
    completed = replace(standard, rows=tuple(rows))
    book.put((*model, "", "standard"), completed)
    return completed


def _operator(model: Model) -> str:
    """xAI's long context starts at the threshold, everybody else's above it."""
    return ">=" if model[0] == "x-ai" else ">"


def _compare(book: _Book, result: Completion, model: Model, offer: Offer) -> bool:
    """Report where an entry differs; whether it agrees on the base prices both have."""
    agrees, shared = True, 0
    for cell, theirs in sorted(offer.prices.items()):
        tier, minimum, component = cell
        period = book.current(model, tier)
        ours = [
            row
            for row in (period.rows if period else ())
            if row.component == component and row.min_input_tokens == minimum
        ]
        if not ours:
            continue
        result.compared += 1
        shared += 1
        if any(abs(row.price - theirs) <= row.price * TOLERANCE for row in ours):
            continue
        if (tier, minimum) == ("standard", 0):
            agrees = False
        shown = "/".join(decimal_text(p) for p in sorted({row.price for row in ours}))
        result.disagreements.append(
            Disagreement(
                model[0],
                model[1],
                tier,
                component,
                minimum,
                shown,
                decimal_text(theirs),
                ours[0].source,
                offer.key,
            )
        )
    return agrees and (shared > 0 or offer.model == model[1])


def _first_of(offers: Iterable[Offer]) -> dict[Cell, Decimal]:
    """Every price of the entries; where several have it, the first one's."""
    found: dict[Cell, Decimal] = {}
    for offer in offers:
        for cell, price in offer.prices.items():
            found.setdefault(cell, price)
    return found


def _new_components(
    period: Period, prices: Mapping[Cell, Decimal], tier: str
) -> dict[tuple[str, int], Decimal]:
    """Prices of components the period lacks, by component and threshold.

    A card at the maker's list price gets no kind of token that the maker doesn't list.
    """
    is_borrowed = any(row.source.endswith(" list price)") for row in period.rows)
    have = {row.component for row in period.rows}
    minimums = sorted({row.min_input_tokens for row in period.rows})
    found: dict[tuple[str, int], Decimal] = {}
    for component in sorted({c for t, m, c in prices if t == tier and m == 0} - have):
        if component in _INSTEAD_OF_TOKENS and have & {"output", "input", "output_image"}:
            continue
        if component in ("input", "output"):
            continue
        if is_borrowed and COMPONENTS[component] == "per_million_tokens":
            continue
        values = _by_threshold(prices, tier, component, minimums)
        if values is not None:
            found.update({(component, minimum): price for minimum, price in values.items()})
    kept = _without_idle(period.rows, found)
    return {key: price for key, price in found.items() if key[0] in kept}


def _by_threshold(
    prices: Mapping[Cell, Decimal], tier: str, component: str, minimums: Iterable[int]
) -> dict[int, Decimal] | None:
    """The component's price at each threshold, or None where that isn't known."""
    found = {}
    for minimum in minimums:
        price = prices.get((tier, minimum, component))
        if price is None and component not in _THRESHOLD_PRICED:
            price = prices.get((tier, 0, component))
        if price is None:
            return None
        found[minimum] = price
    return found


def _without_idle(rows: Iterable[PriceRow], added: Mapping[tuple[str, int], Decimal]) -> set[str]:
    """Components whose price differs somewhere from what they would cost without one."""
    known = {(row.component, row.min_input_tokens): row.price for row in rows} | dict(added)
    kept = set()
    for (component, minimum), price in added.items():
        chain = FALLBACKS.get(component, ())
        instead = next((known[(c, minimum)] for c in chain if (c, minimum) in known), None)
        if price != instead:
            kept.add(component)
    return kept


def _add_components(
    book: _Book, card: CardKey, period: Period, added: Mapping[tuple[str, int], Decimal]
) -> None:
    cells = {row.cell: row for row in period.rows}
    rows = [
        book.row(card, like, component, price)
        for like in cells.values()
        for (component, minimum), price in added.items()
        if minimum == like.min_input_tokens
    ]
    book.put(card, replace(period, rows=(*period.rows, *rows)))


def _tier_prices(
    period: Period,
    prices: Mapping[Cell, Decimal],
    standard: Mapping[tuple[str, int], Decimal],
    tier: str,
) -> dict[tuple[str, int], Decimal]:
    """The added components in a tier that exists: its own price, else that of standard."""
    have = {row.component for row in period.rows}
    found = {}
    for component, _ in standard:
        for minimum in {row.min_input_tokens for row in period.rows}:
            price = prices.get((tier, minimum, component)) or standard.get((component, minimum))
            found[(component, minimum)] = price or standard[(component, 0)]
    return {key: price for key, price in found.items() if key[0] not in have}


def _tier_rows(
    book: _Book,
    card: CardKey,
    standard: Iterable[PriceRow],
    prices: Mapping[Cell, Decimal],
    tier: str,
) -> list[PriceRow] | None:
    """A tier the map alone has: its prices over those of standard; None if one is missing."""
    if not any(t == tier for t, _, _ in prices):
        return []
    rows = []
    for like in standard:
        price = prices.get((tier, like.min_input_tokens, like.component))
        if price is None and (tier, 0, like.component) in prices:
            if like.component in _THRESHOLD_PRICED:
                return None
            price = prices[(tier, 0, like.component)]
        if price is None:
            rows.append(replace(like, service_tier=card[3], source=_inherited(like, book)))
        else:
            rows.append(book.row(card, like, like.component, price))
    return rows


def _inherited(row: PriceRow, book: _Book) -> str:
    return (
        row.source if row.source.startswith(book.source) else f"{row.source} ({book.source} tier)"
    )


def _add_model(book: _Book, result: Completion, model: Model, offers: list[Offer]) -> None:
    prices = _first_of(offers)
    if any(offer.off_peak_days for offer in offers):
        result.not_taken.append(f"{_name(model)}: costs less at some hours, the rows have no rule")
        return
    components = sorted({c for t, m, c in prices if (t, m) == ("standard", 0)})
    if not components:
        result.not_taken.append(f"{_name(model)}: no standard price")
        return
    minimums = [0]
    minimums += sorted({m for t, m, c in prices if m and t == "standard" and c == "input"})
    card = (*model, "", "standard")
    rows = []
    for component in components:
        for minimum in minimums:
            price = prices.get(("standard", minimum, component))
            price = prices[("standard", 0, component)] if price is None else price
            cell = (minimum, _operator(model) if minimum else ">=")
            rows.append(book.row(card, None, component, price, cell=cell))
    idle = {"reasoning", "citation"} - _without_idle(
        [row for row in rows if row.component == "output"],
        {
            (row.component, row.min_input_tokens): row.price
            for row in rows
            if row.component in ("reasoning", "citation")
        },
    )
    rows = [row for row in rows if row.component not in idle]
    book.put(card, Period(FIRST_DATE, None, tuple(rows)))
    result.added_models.append(_name(model))
    for tier in _TIERS:
        tier_rows = _tier_rows(book, (*model, "", tier), rows, prices, tier)
        if tier_rows is None:
            result.not_taken.append(f"{_name(model)} {tier}: no price past the threshold")
        elif tier_rows:
            book.put((*model, "", tier), Period(FIRST_DATE, None, tuple(tier_rows)))
    for offer in offers[1:]:
        different = sorted(cell for cell, price in offer.prices.items() if prices[cell] != price)
        if different:
            result.not_taken.append(
                f"{_name(model)}: {offers[0].key} and {offer.key} differ in "
                + ", ".join(" ".join(map(str, cell)) for cell in different)
            )


def _add_region(
    book: _Book, result: Completion, model: Model, region: str, offers: list[Offer]
) -> None:
    """Cards of a region that costs otherwise: the map's prices over those of every region."""
    prices = _first_of(offers)
    for tier in ("standard", *_TIERS):
        base = book.current(model, tier)
        if base is None or not any(t == tier for t, _, _ in prices):
            continue
        if any(row.daily_from or row.days_of_week for row in base.rows):
            continue
        card = (*model, region, tier)
        rows = _tier_rows(book, card, base.rows, prices, tier)
        if rows is None:
            result.not_taken.append(f"{_name(model)} {region} {tier}: no price past the threshold")
            continue
        rows = [replace(row, region=region) for row in rows]
        if {_price(row) for row in rows} != {_price(row) for row in base.rows}:
            book.put(card, Period(base.effective_from, base.effective_to, tuple(rows)))
            result.added_regions.append(f"{_name(model)} {region} {tier}")


def _price(row: PriceRow) -> tuple[object, ...]:
    return (row.cell, row.component, row.price)


def _add_us_only(
    book: _Book, result: Completion, model: Model, entries: list[tuple[Kind, Offer]]
) -> None:
    """Where the map says that US-only costs a factor: every token price of every tier times it."""
    factors = {o.us_factor for kind, o in entries if kind == "same" and o.us_factor}
    if len(factors) != 1:
        return
    factor = factors.pop()
    for tier in book.tiers(model):
        base = book.current(model, tier)
        if base is None or factor is None:
            continue
        rows = tuple(
            replace(
                row,
                region="us",
                price=row.price * factor if row.unit == "per_million_tokens" else row.price,
                source=f"{row.source} x {decimal_text(factor)} ({book.source})",
            )
            for row in base.rows
        )
        book.put((*model, "us", tier), Period(base.effective_from, base.effective_to, rows))
        result.added_regions.append(f"{_name(model)} us {tier}")


def _drop_absurd(result: Completion, book: _Book) -> None:
    """Leave out what a wrong unit would explain: the model, the card, or what was added to it."""
    while True:
        rows = result.rows
        suspects = [
            (rows[finding.row - 2], finding.message)
            for finding in check_book(rows)
            if finding.column == "price" and rows[finding.row - 2].source.startswith(book.source)
        ]
        if not suspects:
            return
        result.absurd.extend(message for _, message in suspects)
        parts = {(row.card, row.component) for row, _ in suspects if row.card in book.given}
        whole = {row.card for row, _ in suspects if row.card not in book.given}
        models = {card[:2] for card in whole if card[2:] == ("", "standard")}
        result.rows = [
            row
            for row in rows
            if row.card not in whole
            and row.card[:2] not in models
            and ((row.card, row.component) not in parts or not row.source.startswith(book.source))
        ]
        gone = {_name(model) for model in models}
        result.added_models = [name for name in result.added_models if name not in gone]


def _aliases(rows: Iterable[PriceRow], known: Iterable[Alias], book: _Book) -> list[Alias]:
    """Bedrock's names stand at the end of ARNs and behind geographies; fine-tuned names go on."""
    found = []
    aws = [alias for alias in known if alias.provider == "aws"]
    for provider, model in sorted({row.card[:2] for row in rows} - book.models):
        found.append(Alias(provider, "exact", model, model, book.source))
        behind = [f"{geography}.{model}" for geography in GEOGRAPHIES]
        if provider == "aws" and not any(resolve(aws, "aws", name) for name in behind):
            found.append(Alias(provider, "suffix", model, model, book.source))
        if model.startswith("ft:"):
            found.append(Alias(provider, "prefix", f"{model}:", model, book.source))
    return found


def _name(model: Model) -> str:
    return f"{model[0]}/{model[1]}"
