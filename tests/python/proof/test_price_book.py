"""dbt rates what the price book says: against a look-up in plain Python, on every row."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from chargeback.prices.book import COMPONENTS as BOOK_COMPONENTS
from chargeback.prices.book import PriceRow
from prices.lookup import cost
from proof.components import COMPONENTS, NOT_RATED, event_columns
from proof.requests import Request
from proof.warehouse import Rated, RatingWarehouse

pytestmark = pytest.mark.slow


def test_every_component_is_drawn_that_an_event_has_a_quantity_of(rating: RatingWarehouse) -> None:
    assert {part.name for part in COMPONENTS} == set(BOOK_COMPONENTS)
    missing = {
        part.name
        for part in COMPONENTS
        if not rating.columns.keys() >= event_columns({part.name: 1}).keys()
    }
    assert missing == NOT_RATED


def test_every_rate_card_is_requested(requests: list[Request], book: list[PriceRow]) -> None:
    assert {request.card for request in requests} == {row.card for row in book if not row.region}


def test_a_name_leads_to_its_model(requests: list[Request], rated: dict[int, Rated]) -> None:
    wrong = [
        (request, rated[request.number])
        for request in requests
        if (rated[request.number].provider, rated[request.number].model_id) != request.card[:2]
    ]
    assert not wrong, f"{len(wrong)}, such as {wrong[:3]}"


def test_costs_what_the_book_says(requests: list[Request], rated: dict[int, Rated]) -> None:
    wrong = []
    statuses: Counter[str] = Counter()
    for request in requests:
        ours = rated[request.number]
        statuses[ours.status] += 1
        if ours.cost != expected(request):
            wrong.append((request, ours, expected(request)))
    shown = "\n".join(str(case) for case in wrong[:5])
    kinds = Counter((request.card[:2], request.kind) for request, *_ in wrong).most_common(20)
    assert not wrong, f"{len(wrong)} of {len(requests)}: {kinds}\n{shown}"
    assert statuses.keys() == {"priced", "unpriced", "no_usage"}


def expected(request: Request) -> Decimal | None:
    """The cost by the price book; None when a quantity has no price, 0 when there is none."""
    if not request.quantities:
        return Decimal(0)
    if not request.prices:
        return None
    fee = {"request": 1} if "request" in request.prices else {}
    try:
        return cost(request.prices, {**request.quantities, **fee})
    except KeyError:
        return None
