"""Reads the genai-prices package and expands its models into price book rows.

The package says: a model has prices, or a list of prices with conditions (a start date, or a time
of day) of which the last one that holds applies; and variants, each a partial set of prices for a
request context. The price book says it with rows that never overlap and need no other row, so
every rule of the package is evaluated here, once for each stretch of dates and hours in which
nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import import_module, metadata
from typing import Any

from chargeback.errors import ChargebackError
from chargeback.prices.book import ASSUMED, COMPONENTS, FIRST_DATE, MAX_DECIMALS, PriceRow

PROVIDERS = (
    "anthropic",
    "aws",
    "azure",
    "cohere",
    "deepseek",
    "fireworks",
    "google",
    "groq",
    "meta",
    "mistral",
    "moonshotai",
    "openai",
    "perplexity",
    "together",
    "voyageai",
    "x-ai",
)

#: price key of the package -> component of the price book
PRICE_KEYS = {
    "input_mtok": "input",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write_5m",
    "cache_write_5m_mtok": "cache_write_5m",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "output",
    "output_reasoning_mtok": "reasoning",
    "output_citation_mtok": "citation",
    "input_audio_mtok": "input_audio",
    "output_audio_mtok": "output_audio",
    "cache_audio_read_mtok": "cache_read_audio",
    "input_image_mtok": "input_image",
    "output_image_mtok": "output_image",
    "cache_image_read_mtok": "cache_read_image",
    "input_video_mtok": "input_video",
    "output_video_mtok": "output_video",
    "requests_kcount": "request",
    "web_searches_kcount": "web_search",
    "storage_searches_kcount": "file_search",
    "rerank_searches_kcount": "search_unit",
    "input_mchars": "input_character",
    "input_text_messages_kcount": "text_message",
    "input_document_kpages": "document_page",
    "input_annotated_document_kpages": "annotated_page",
    "audio_hours": "audio_hour",
    "input_audio_hours": "input_audio_hour",
}

#: request context of the package -> service tier of the price book
CONTEXTS = {
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast"},
}
_FAST_SPEED = {"speed": "fast"}


@dataclass
class Reading:
    """What the package says: its rows, and what could not be said in the price book."""

    version: str
    rows: list[PriceRow] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def load_package() -> tuple[str, list[Any]]:
    """The version of genai-prices and its providers. Raises ChargebackError without it."""
    try:
        data = import_module("genai_prices.data")
        return metadata.version("genai-prices"), list(data.providers)
    except (ModuleNotFoundError, metadata.PackageNotFoundError) as error:
        raise ChargebackError(
            "the price book is refreshed from the genai-prices package: pip install genai-prices"
        ) from error


def read_package(
    version: str,
    providers: Iterable[Any],
    source_date: date,
    include: Iterable[str] = PROVIDERS,
) -> Reading:
    """Expand the included providers, and the models they borrow from others, into price rows."""
    reading = Reading(version)
    by_id = {provider.id: provider for provider in providers}
    for provider_id in include:
        provider = by_id.get(provider_id)
        if provider is None:
            reading.skipped.append(f"{provider_id}: not in the package")
            continue
        own = set()
        for model in provider.models:
            name = model.id.lower()
            if name in own:
                reading.skipped.append(f"{provider_id}/{name}: listed twice, first kept")
                continue
            own.add(name)
            _read_model(
                reading, provider_id, model, f"genai-prices {version}", source_date=source_date
            )
        for lender_id in provider.fallback_model_providers or ():
            for model in by_id[lender_id].models:
                name = model.id.lower()
                if name in own:
                    continue
                own.add(name)
                label = f"genai-prices {version} ({lender_id} list price)"
                _read_model(
                    reading, provider_id, model, label, source_date=source_date, borrowed=True
                )
    return reading


def _read_model(
    reading: Reading,
    provider_id: str,
    model: Any,
    label: str,
    *,
    source_date: date,
    borrowed: bool = False,
) -> None:
    name = f"{provider_id}/{model.id.lower()}"
    conditions = _conditions(model)
    unknown = sorted(set(_price_keys(model)) - set(PRICE_KEYS))
    if unknown:
        reading.skipped.append(f"{name}: no component for {', '.join(unknown)}")
        return
    if not any(_prices(condition.prices) for condition in conditions):
        reading.skipped.append(f"{name}: no price in the package (unpriced, not free)")
        return
    tiers: dict[str, list[dict[str, str]]] = {"standard": []}
    variants = [] if borrowed else list(model.price_variants or ())
    for variant in variants:
        tier = _tier_of(variant.when)
        if tier is None:
            if _prices(variant.prices):
                reading.skipped.append(f"{name}: prices for {variant.when} are not a service tier")
            continue
        tiers.setdefault(tier, [])
        if variant.when not in tiers[tier]:
            tiers[tier].append(dict(variant.when))
    base_changes = list(_start_dates(conditions))
    for tier, contexts in tiers.items():
        mine = [v for v in variants if v.when in contexts]
        verified = min((_start_date(v) or FIRST_DATE for v in mine), default=FIRST_DATE)
        first = max([d for d in base_changes if d <= verified], default=FIRST_DATE)
        if tier == "standard":
            first = FIRST_DATE
        for rows in _periods(conditions, mine, first, verified):
            for line in rows:
                source = label
                if line.assumed:
                    source = f"{label}{ASSUMED}{verified}"
                reading.rows.append(
                    PriceRow(
                        provider=provider_id,
                        model=model.id.lower(),
                        region="",
                        service_tier=tier,
                        component=line.component,
                        unit=COMPONENTS[line.component],
                        price=_checked(name, line.component, line.price),
                        currency="USD",
                        effective_from=line.start,
                        effective_to=line.end,
                        min_input_tokens=line.minimum,
                        threshold_operator=line.operator,
                        daily_from=line.daily_from,
                        daily_to=line.daily_to,
                        source=source,
                        source_date=source_date,
                    )
                )


@dataclass(frozen=True)
class _Line:
    start: date
    end: date | None
    daily_from: str
    daily_to: str
    minimum: int
    operator: str
    component: str
    price: Decimal
    assumed: bool


def _periods(
    conditions: list[Any], variants: list[Any], first: date, verified: date
) -> Iterator[list[_Line]]:
    """The stretches of dates in which a tier's prices don't change, each as its lines."""
    starts = {first, verified}
    starts.update(d for d in _start_dates([*conditions, *variants]) if d > first)
    ordered = sorted(starts)
    merged: list[tuple[date, bool, dict[tuple[str, str], dict[str, Any]]]] = []
    for start in ordered:
        assumed = start < verified
        windows = _windows(conditions, variants, max(start, verified), start)
        if merged and merged[-1][1:] == (assumed, windows):
            continue
        merged.append((start, assumed, windows))
    for position, (start, assumed, windows) in enumerate(merged):
        end = merged[position + 1][0] if position + 1 < len(merged) else None
        yield [
            _Line(start, end, window[0], window[1], minimum, operator, component, price, assumed)
            for window, prices in windows.items()
            for minimum, operator, component, price in _thresholds(prices)
        ]


def _windows(
    conditions: list[Any], variants: list[Any], variant_day: date, day: date
) -> dict[tuple[str, str], dict[str, Any]]:
    """Prices by daily window on one day; one window ('', '') when the hour doesn't matter."""
    edges = {time(0)}
    for item in (*conditions, *variants):
        limit = item.constraint
        if limit is not None and hasattr(limit, "start_time"):
            edges.update((_utc(limit.start_time), _utc(limit.end_time)))
    found: list[tuple[time, dict[str, Any]]] = []
    for edge in sorted(edges):
        prices = _resolve(conditions, variants, datetime.combine(day, edge, UTC), variant_day)
        if not found or found[-1][1] != prices:
            found.append((edge, prices))
    if len(found) == 1:
        return {("", ""): found[0][1]}
    windows = {}
    for position, (edge, prices) in enumerate(found):
        last = f"{found[position + 1][0]:%H:%M}" if position + 1 < len(found) else "24:00"
        windows[(f"{edge:%H:%M}", last)] = prices
    return windows


def _resolve(
    conditions: list[Any], variants: list[Any], at: datetime, variant_day: date
) -> dict[str, Any]:
    """The package's rule: the last condition that holds; for each key the first variant."""
    standard = conditions[0].prices
    for condition in reversed(conditions):
        if condition.constraint is None or condition.constraint.active(at):
            standard = condition.prices
            break
    prices = _prices(standard)
    overrides: dict[str, Any] = {}
    variant_at = datetime.combine(variant_day, at.timetz())
    for variant in variants:
        if variant.constraint is None or variant.constraint.active(variant_at):
            for key, price in _prices(variant.prices).items():
                overrides.setdefault(key, price)
    return {**prices, **overrides}


def _thresholds(prices: Mapping[str, Any]) -> Iterator[tuple[int, str, str, Decimal]]:
    """Base and tier prices; every component is repeated at every threshold any of them has."""
    starts = sorted(
        {tier.start for p in prices.values() if hasattr(p, "tiers") for tier in p.tiers}
    )
    for start in (None, *starts):
        minimum, operator = _threshold(start)
        for key, price in prices.items():
            yield minimum, operator, PRICE_KEYS[key], _price_at(price, start)


def _threshold(start: int | None) -> tuple[int, str]:
    """Tiers start strictly above; 'above 199999' is how the package says 'at least 200000'."""
    if start is None:
        return 0, ">="
    if start % 1000 == 999:
        return start + 1, ">="
    return start, ">"


def _price_at(price: Any, start: int | None) -> Decimal:
    if not hasattr(price, "tiers"):
        return price
    found = price.base
    for tier in price.tiers:
        if start is not None and tier.start <= start:
            found = tier.price
    return found


def _conditions(model: Any) -> list[Any]:
    if isinstance(model.prices, list):
        return list(model.prices)
    return [_Always(model.prices)]


@dataclass(frozen=True)
class _Always:
    prices: Any
    constraint: None = None


def _prices(prices: Any) -> dict[str, Any]:
    return {key: value for key, value in vars(prices).items() if value is not None}


def _price_keys(model: Any) -> Iterator[str]:
    for item in (*_conditions(model), *(model.price_variants or ())):
        yield from _prices(item.prices)


def _tier_of(when: Mapping[str, str]) -> str | None:
    if dict(when) == _FAST_SPEED:
        return "fast"
    return next((tier for tier, context in CONTEXTS.items() if dict(when) == context), None)


def _start_date(item: Any) -> date | None:
    return getattr(item.constraint, "start_date", None)


def _start_dates(items: Iterable[Any]) -> Iterator[date]:
    for item in items:
        start = _start_date(item)
        if start is not None:
            yield start


def _utc(value: time) -> time:
    if value.tzinfo is None:
        return value
    moment = datetime.combine(date(1970, 1, 1), value).astimezone(UTC)
    return moment.time()


def _checked(name: str, component: str, price: Decimal) -> Decimal:
    if price < 0 or -int(price.as_tuple().exponent) > MAX_DECIMALS:
        raise ChargebackError(f"{name}: price {price} of {component} does not fit numeric(24,9)")
    return price
