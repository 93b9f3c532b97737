"""Numbers and names as people read them. Money stays an exact Decimal until it is text."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any


def money(amount: Decimal | None, unknown: str = "unknown") -> str:
    """US dollars: cents, or as many decimals as a small amount needs to show two digits.

    >>> money(Decimal("1234.5678"))
    '$1,234.57'
    >>> money(Decimal("0.00123"))
    '$0.0012'
    """
    if amount is None:
        return unknown
    decimals = 2
    if amount and abs(amount) < 1:
        decimals = min(max(2, 1 - amount.adjusted()), 9)
    text = f"{abs(rounded(amount, decimals)):,f}"
    return f"-${text}" if amount < 0 else f"${text}"


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """`amount` with a fixed number of decimals."""
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)


def percent(share: Any) -> str:
    """A share of 1 as a percentage that never rounds to 0 or 100 unless it is.

    >>> percent(0.99996), percent(1), percent(0.00002)
    ('>99.9 %', '100 %', '<0.1 %')
    """
    if share is None:
        return "-"
    value = Decimal(str(share)) * 100
    shown = rounded(value, 1)
    if shown == 100 and value < 100:
        return ">99.9 %"
    if shown == 0 and value > 0:
        return "<0.1 %"
    return f"{_trimmed(shown)} %"


def whole(value: Any) -> str:
    """A count with thousands separators.

    >>> whole(1234567)
    '1,234,567'
    """
    return f"{int(value or 0):,}"


def short_percent(share: Any) -> str:
    """A share of 1 as a whole percentage that never rounds to 0 or 100 unless it is.

    >>> short_percent(0.618), short_percent(0.999), short_percent(0.0001), short_percent(0)
    ('62%', '>99%', '<1%', '0%')
    """
    if share is None:
        return "-"
    value = Decimal(str(share)) * 100
    shown = rounded(value, 0)
    if shown == 100 and value < 100:
        return ">99%"
    if shown == 0 and value > 0:
        return "<1%"
    return f"{shown}%"


def short(value: Any) -> str:
    """A large count in at most six characters.

    >>> short(950), short(12345), short(1234567), short(9876543210)
    ('950', '12.3k', '1.23M', '9.88B')
    """
    number = Decimal(int(value or 0))
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        # 999,950 would read 1000.0k: the next letter takes over before that.
        if abs(number) >= Decimal(size) * Decimal("0.9995") and abs(number) >= 10_000:
            scaled = number / size
            decimals = 2 if abs(scaled) < 10 else 1 if abs(scaled) < 100 else 0
            return f"{rounded(scaled, decimals)}{letter}"
    return f"{number:,f}"


def hours(value: Any) -> str:
    """A duration in hours, or in days from two days on.

    >>> hours(5.25), hours(49.0), hours(2400)
    ('5.2 h', '2 days', '100 days')
    """
    if value is None:
        return "-"
    amount = Decimal(str(value))
    if abs(amount) < 48:
        return f"{_trimmed(rounded(amount, 1))} h"
    days = amount / 24
    return f"{_trimmed(rounded(days, 0 if days >= 10 else 1))} days"


def _trimmed(number: Decimal) -> str:
    """A number without a needless `.0`."""
    return f"{number:.0f}" if number == number.to_integral_value() else f"{number:f}"


def plain(text: str) -> str:
    """Text without control characters, so that no name from a log can steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
