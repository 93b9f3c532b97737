"""The look-up that rating does in SQL, in plain Python and exact decimals, to test the book with.

1. Rows of the model's rate card whose effective range, weekdays and daily window contain the
   time.
2. Of those, the highest threshold that total input (cached included) meets: all tokens take
   its prices.
3. Each component's own price, or that of the first component in `FALLBACKS` that has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from chargeback.prices.book import FALLBACKS, UNITS, PriceRow


def prices_at(card_rows: Iterable[PriceRow], at: datetime, total_input: int) -> dict[str, PriceRow]:
    """The price row of each priced component of one rate card, at a UTC time."""
    day, clock = at.date(), f"{at:%H:%M}"
    valid = [
        row
        for row in card_rows
        if row.effective_from <= day
        and (row.effective_to is None or day < row.effective_to)
        and (not row.days_of_week or str(at.isoweekday()) in row.days_of_week)
        and (not row.daily_from or row.daily_from <= clock < row.daily_to)
        and (
            total_input > row.min_input_tokens
            or (row.threshold_operator == ">=" and total_input == row.min_input_tokens)
        )
    ]
    threshold = max((row.min_input_tokens for row in valid), default=0)
    return {row.component: row for row in valid if row.min_input_tokens == threshold}


def cost(prices: Mapping[str, PriceRow], quantities: Mapping[str, int | Decimal]) -> Decimal:
    """USD for exclusive quantities by component. Raises KeyError for a quantity nothing prices."""
    total = Decimal(0)
    for component, quantity in quantities.items():
        if quantity == 0:
            continue
        chain = (component, *FALLBACKS.get(component, ()))
        row = next((prices[name] for name in chain if name in prices), None)
        if row is None:
            raise KeyError(component)
        total += row.price * quantity * UNITS[row.unit]
    return total
