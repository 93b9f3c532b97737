"""dbt rates what genai-prices calculates, to 12 decimals.

Every difference has a cause that is known before the two are compared: one of `EXCEPTIONS`. A
difference without one fails the test, and so does an exception that no row needs any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest

from prices.genai import context
from proof.components import genai_usage
from proof.names import Model, Names
from proof.requests import Request, is_of_genai_prices
from proof.warehouse import Rated

pytestmark = pytest.mark.slow
TWELVE = Decimal("1E-12")


@dataclass(frozen=True)
class Exception_:  # noqa: N801
    """Why some rows differ, and how to know them without looking at either cost."""

    name: str
    reason: str
    holds: Callable[[Request], bool]


EXCEPTIONS = (
    Exception_(
        "name",
        "we know the price book's own name of a model, and its names with other dates; "
        "genai-prices has patterns that leave some out",
        lambda request: request.kind == "name",
    ),
    Exception_(
        "tier assumed",
        "before the day on which a tier's price was verified, genai-prices bills the standard "
        "price; we take the tier's price as far back as the standard price held",
        lambda request: any(row.assumption for row in request.prices.values()),
    ),
    Exception_(
        "tier unknown",
        "further back genai-prices bills the standard price; we have no price",
        lambda request: request.card[3] != "standard" and not request.prices,
    ),
    Exception_(
        "peak hours",
        "genai-prices cannot say weekdays, nor since when there are peak hours",
        lambda request: any("peak hours" in row.source for row in request.prices.values()),
    ),
    Exception_(
        "completed",
        "LiteLLM's map has a price that genai-prices lacks",
        lambda request: any(
            not is_of_genai_prices(row) for row in map(request.price_row, request.quantities) if row
        ),
    ),
    Exception_(
        "no price",
        "genai-prices leaves out what it has no price for; to us the request has no price",
        lambda request: not all(map(request.price_row, request.quantities)),
    ),
    Exception_(
        "fee of nothing",
        "genai-prices asks the fee of a request without any usage; to us it is no usage",
        lambda request: "request" in request.prices and not request.quantities,
    ),
)


@pytest.fixture(scope="module")
def compared(requests: list[Request]) -> list[Request]:
    """The requests of rate cards that come from genai-prices."""
    of_genai = {
        request.card
        for request in requests
        if any(map(is_of_genai_prices, request.prices.values()))
    }
    return [request for request in requests if request.card in of_genai]


def test_costs_what_genai_prices_says(
    compared: list[Request],
    rated: dict[int, Rated],
    theirs: Mapping[Model, tuple[Any, Any]],
    names: Mapping[Model, Names],
) -> None:
    found: Counter[str] = Counter()
    unexplained = []
    for request in compared:
        ours = rated[request.number].cost
        their_cost = calculate(request, theirs, names)
        if rounded(ours) == rounded(their_cost):
            continue
        cause = next((e.name for e in EXCEPTIONS if e.holds(request)), None)
        if cause:
            found[cause] += 1
        else:
            unexplained.append((request, ours, their_cost))
    shown = "\n".join(map(str, unexplained[:5]))
    print(f"{len(compared)} requests, {found.total()} differ: {dict(found)}")
    assert not unexplained, f"{len(unexplained)} of {len(compared)}, such as\n{shown}"
    assert len(compared) >= 20_000
    assert found.keys() == {e.name for e in EXCEPTIONS}, "an exception that nothing needs"
    assert found.total() < len(compared) / 100


def calculate(
    request: Request,
    theirs: Mapping[Model, tuple[Any, Any]],
    names: Mapping[Model, Names],
) -> Decimal | None:
    """What genai-prices says, asked by name as anybody would; None when it knows no such model."""
    from genai_prices import calc_price

    provider, model = theirs[request.card[:2]]
    usage = genai_usage(request.quantities)
    at = request.at.replace(tzinfo=UTC)
    tier = context(request.card[3], model)
    if request.name == names[request.card[:2]].deployment:
        return model.calc_price(
            usage, provider, genai_request_timestamp=at, price_context=tier
        ).total_price
    try:
        return calc_price(
            usage,
            request.name,
            provider_id=provider.id,
            genai_request_timestamp=at,
            price_context=tier,
        ).total_price
    except LookupError:
        return None


def rounded(cost: Decimal | None) -> Decimal | None:
    """A cost with 12 decimals."""
    return None if cost is None else cost.quantize(TWELVE)
