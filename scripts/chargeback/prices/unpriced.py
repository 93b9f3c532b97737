"""Lists the models that the warehouse has usage of and the price book has no price for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from chargeback.errors import ChargebackError
from chargeback.prices.book import PriceRow
from chargeback.warehouse import Warehouse

EVENTS = "fct_usage_events"
TOKENS = ("input_tokens", "output_tokens")
NEAREST = 3
_LEAST_RATIO = 0.6


@dataclass(frozen=True)
class UnpricedModel:
    """A model in use without a price: how much, and which priced models are called alike."""

    provider: str
    model: str
    event_count: int
    tokens: int
    token_share: Decimal | None
    """Of the tokens of all events that should have a price; None when there are none."""
    nearest: tuple[str, ...]


def nearest_names(provider: str, model: str, names: Collection[str]) -> tuple[str, ...]:
    """The priced models that are called most like one without a price, the most alike first.

    `names` are written `provider/model`.
    """
    return tuple(get_close_matches(f"{provider}/{model}", names, NEAREST, _LEAST_RATIO))


def unpriced_models(warehouse: Warehouse, rows: Iterable[PriceRow]) -> list[UnpricedModel]:
    """Models of unpriced events, most events first.

    Raises ChargebackError when the warehouse has no usage events yet.
    """
    columns = warehouse.relation_columns(warehouse.schema, EVENTS)
    if "pricing_status" not in columns:
        raise ChargebackError(f"no {EVENTS} in this warehouse: run ./scripts/build first")
    names = {f"{row.provider}/{row.model}" for row in rows}
    tokens = " + ".join(f"coalesce({name}, 0)" for name in TOKENS if name in columns) or "0"
    events = f"{warehouse.qualified(warehouse.schema)}.{EVENTS}"
    [[billable]] = warehouse.query(
        f"select sum({tokens}) from {events} where pricing_status in ('priced', 'unpriced')"
    )
    found = warehouse.query(
        f"select provider, model_id, count(*) as event_count, sum({tokens}) as tokens "
        f"from {events} "
        "where pricing_status = 'unpriced' "
        "group by provider, model_id order by event_count desc, provider, model_id"
    )
    return [
        UnpricedModel(
            str(provider or "unknown"),
            str(model or "unknown"),
            int(count),
            int(total or 0),
            Decimal(int(total or 0)) / int(billable) if billable else None,
            nearest_names(provider, model, names),
        )
        for provider, model, count, total in found
    ]
