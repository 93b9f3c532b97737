"""Money in a column: one number of decimals, chosen by the total."""

from __future__ import annotations

from decimal import Decimal

from chargeback.gate.numbers import rounded


def decimals_for(total: Decimal) -> int:
    """Cents from 10 dollars on; below that enough decimals to tell the parts apart."""
    if abs(total) >= 10:
        return 2
    return 4 if abs(total) >= Decimal("0.1") else 6


def amount(value: Decimal, decimals: int) -> str:
    """Dollars without a sign; a cost that would round to zero says so.

    >>> amount(Decimal("1234.5"), 2), amount(Decimal("0.001"), 2), amount(Decimal(0), 2)
    ('1,234.50', '<0.01', '0.00')
    """
    shown = rounded(value, decimals)
    if value > 0 and shown == 0:
        return f"<{Decimal(1).scaleb(-decimals):f}"
    return f"{shown:,f}"
