"""dbt rates what the price book says: against a look-up in plain Python, on every row."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest

from chargeback.prices.book import COMPONENTS as BOOK_COMPONENTS
from chargeback.prices.book import UNITS, PriceRow
from proof.components import COMPONENTS, event_columns, factor_of
from proof.requests import Request
from proof.warehouse import Rated, RatingWarehouse

pytestmark = pytest.mark.slow
FIFTEEN = 10**15


def test_every_component_is_drawn(requests: list[Request], rating: RatingWarehouse) -> None:
    assert {part.name for part in COMPONENTS} == set(BOOK_COMPONENTS)
    with_columns = {part.name for part in COMPONENTS if part.columns}
    assert rating.columns.keys() >= event_columns(dict.fromkeys(with_columns, 1)).keys()
    paid = {
        row.component
        for request in requests
        for row in map(request.price_row, request.quantities)
        if row
    }
    assert paid | {"request"} == set(BOOK_COMPONENTS)


def test_every_rate_card_is_requested(requests: list[Request], book: list[PriceRow]) -> None:
    assert {request.card for request in requests} == {row.card for row in book}


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
    """The cost by the price book, exact, only hours rounded to 15 decimals, half away from zero.

    None when a quantity has no price; 0 when there is no quantity at all.
    """
    if not request.quantities:
        return Decimal(0)
    if not request.prices:
        return None
    cost = Fraction(0)
    for component, count in {**request.quantities, "request": 1}.items():
        row = request.price_row(component)
        if row is None and component != "request":
            return None
        if row is not None:
            billed = max(Fraction(count), Fraction(row.min_quantity or 0))
            cost += billed * Fraction(row.price * UNITS[row.unit]) / factor_of(component)
    return Decimal(floor(cost * FIFTEEN + Fraction(1, 2))).scaleb(-15)
