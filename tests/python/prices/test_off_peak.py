"""Peak hours: since when, on which days, and at which price."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from chargeback.errors import ChargebackError
from chargeback.prices.book import PriceRow
from chargeback.prices.check import check_book
from chargeback.prices.off_peak import OffPeakRule, read_off_peak, with_off_peak
from prices.lookup import prices_at

Make = Callable[..., PriceRow]
RULE = OffPeakRule(
    "acme", "large", date(2026, 8, 17), Decimal(2), "12345", date(2026, 8, 23), "curated: page"
)
HEADER = "provider,model,windows_from,peak_factor,days_of_week,days_from,source,source_date\n"


def peaks(row: Make) -> list[PriceRow]:
    """Input and output, twice as dear from 01:00 to 04:00, with a wrong price on output."""
    windows = (("00:00", "01:00", 1), ("01:00", "04:00", 3), ("04:00", "24:00", 1))
    return [
        row(component=component, price=str(price * factor), daily_from=start, daily_to=end)
        for component, price in (("input", 1), ("output", 4))
        for start, end, factor in windows
    ]


@pytest.mark.parametrize(
    ("at", "price"),
    [
        ("2026-08-16T02:00", 4),
        ("2026-08-17T00:59", 4),
        ("2026-08-17T01:00", 8),
        ("2026-08-22T02:00", 8),  # a Saturday before weekends were free of peaks
        ("2026-08-23T02:00", 4),  # a Sunday
        ("2026-08-24T02:00", 8),
        ("2026-08-24T04:00", 4),
        ("2026-08-29T02:00", 4),
    ],
)
def test_a_rule_says_when_the_peak_holds(row: Make, at: str, price: int) -> None:
    rows = with_off_peak(peaks(row), [RULE])
    assert check_book(rows) == []
    assert prices_at(rows, datetime.fromisoformat(at), 1000)["output"].price == price


def test_every_day_has_the_same_windows(row: Make) -> None:
    last = [r for r in with_off_peak(peaks(row), [RULE]) if r.effective_to is None]
    windows = {
        days: {(r.component, r.daily_from) for r in last if r.days_of_week == days}
        for days in ("12345", "67")
    }
    assert windows["12345"] == windows["67"] != set()


def test_other_models_and_models_without_windows_stay(row: Make) -> None:
    rows = [*peaks(lambda **columns: row(model="other", **columns)), row()]
    assert sorted(map(str, with_off_peak(rows, [RULE]))) == sorted(map(str, rows))


@pytest.mark.parametrize("days", ["", "21", "18", "11"])
def test_days_must_be_iso_digits_in_order(tmp_path: Path, days: str) -> None:
    path = tmp_path / "off_peak.csv"
    path.write_text(HEADER + f"acme,large,,2,{days},,curated: page,2026-01-01\n")
    with pytest.raises(ChargebackError, match=r"off_peak\.csv row 2, column days_of_week"):
        read_off_peak(path)
