"""Each kind of mistake is found, with its row and column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chargeback.errors import ChargebackError
from chargeback.prices.book import PriceRow, decimal_text, read_book, write_book
from chargeback.prices.check import check_book
from prices.lookup import prices_at

Make = Callable[..., PriceRow]


def places(rows: list[PriceRow]) -> list[tuple[int, str]]:
    return [(finding.row, finding.column) for finding in check_book(rows)]


def test_a_plain_row_is_fine(row: Make) -> None:
    assert check_book([row()]) == []


@pytest.mark.parametrize(
    ("columns", "column"),
    [
        ({"price": "-0.000000001"}, "price"),
        ({"price": "0.0000000001"}, "price"),
        ({"price": "1E15"}, "price"),
        ({"component": "inputs"}, "component"),
        ({"unit": "per_thousand_requests"}, "unit"),
        ({"model": "Large"}, "model"),
        ({"provider": ""}, "provider"),
        ({"service_tier": "express"}, "service_tier"),
        ({"currency": "usd"}, "currency"),
        ({"threshold_operator": "<"}, "threshold_operator"),
        ({"threshold_operator": ">"}, "threshold_operator"),
        ({"effective_to": date(1970, 1, 1)}, "effective_to"),
        ({"daily_from": "01:00", "daily_to": ""}, "daily_from"),
        ({"days_of_week": "51"}, "days_of_week"),
        ({"days_of_week": "1234567"}, "days_of_week"),
        ({"days_of_week": "Mo"}, "days_of_week"),
        ({"min_quantity": Decimal(0)}, "min_quantity"),
        ({"daily_from": "23:00", "daily_to": "01:00"}, "daily_from"),
        ({"daily_from": "00:00", "daily_to": "25:00"}, "daily_from"),
        ({"source": ""}, "source"),
    ],
)
def test_a_bad_value_is_found_in_its_row_and_column(
    row: Make, columns: dict[str, Any], column: str
) -> None:
    assert (3, column) in places([row(model="other"), row(**columns)])


def test_a_key_twice(row: Make) -> None:
    assert places([row(), row(component="output"), row(price="3")]) == [(4, "component")]


def test_ranges_that_overlap(row: Make) -> None:
    rows = [row(effective_to=date(2026, 2, 1)), row(effective_from=date(2026, 1, 31))]
    [finding] = check_book(rows)
    assert (finding.row, finding.column) == (3, "effective_from")
    assert "overlaps the range 1970-01-01 to 2026-02-01" in finding.message


def test_a_gap_in_a_models_history(row: Make) -> None:
    rows = [row(effective_to=date(2026, 1, 31)), row(effective_from=date(2026, 2, 1))]
    [finding] = check_book(rows)
    assert (finding.row, finding.column) == (3, "effective_from")
    assert "leaves a gap since 2026-01-31" in finding.message


def test_ranges_that_touch_are_half_open(row: Make) -> None:
    change = date(2026, 2, 1)
    rows = [row(price="3", effective_to=change), row(price="2", effective_from=change)]
    assert check_book(rows) == []


def test_a_tier_without_a_component(row: Make) -> None:
    tier = {"min_input_tokens": 200_000, "threshold_operator": ">"}
    rows = [row(), row(component="output", price="8"), row(price="4", **tier)]
    [finding] = check_book(rows)
    assert finding.column == "component"
    assert "min_input_tokens 200000 has no price for output" in finding.message


def test_windows_that_do_not_fill_the_day(row: Make) -> None:
    rows = [
        row(daily_from="00:00", daily_to="08:00"),
        row(daily_from="08:30", daily_to="24:00", price="1"),
    ]
    assert (2, "daily_from") in places(rows)
    rows[1] = row(daily_from="08:00", daily_to="24:00", price="1")
    assert check_book(rows) == []


def test_days_that_do_not_fill_the_week(row: Make) -> None:
    week = [row(days_of_week="12345"), row(days_of_week="6", price="1")]
    assert (2, "days_of_week") in places(week)
    assert check_book([week[0], row(days_of_week="67", price="1")]) == []
    assert (2, "days_of_week") in places([week[0], row(days_of_week="567", price="1")])
    assert (2, "days_of_week") in places([week[0], row(price="1")])


def test_a_window_that_some_days_lack(row: Make) -> None:
    night = {"daily_from": "00:00", "daily_to": "08:00"}
    day = {"daily_from": "08:00", "daily_to": "24:00"}
    weekdays, weekend = {"days_of_week": "12345"}, {"days_of_week": "67"}
    rows = [row(**night, **weekdays), row(**day, **weekdays), row(**night, **weekend)]
    [finding] = check_book(rows)
    assert "min_input_tokens 0 from 08:00 on days 67 has no price for input" in finding.message
    assert check_book([*rows, row(**day, **weekend)]) == []


def test_a_threshold_is_above_or_at_least_not_both(row: Make) -> None:
    above = {"min_input_tokens": 200_000, "price": "4"}
    rows = [
        row(),
        row(component="output", price="8"),
        row(threshold_operator=">", **above),
        row(threshold_operator=">=", component="output", **above),
    ]
    assert places(rows) == [(2, "threshold_operator")]


def test_one_price_1000_times_its_siblings(row: Make) -> None:
    siblings = [row(model=name) for name in ("a", "b", "c")]
    [finding] = check_book([*siblings, row(model="d", price="2000")])
    assert (finding.row, finding.column) == (5, "price")
    assert "1000 times the median of acme (2)" in finding.message
    [finding] = check_book([*siblings, row(model="d", price="0.002")])
    assert "1/1000 of the median" in finding.message


def test_one_price_1000_times_its_own_input_price(row: Make) -> None:
    [finding] = check_book([row(), row(component="output", price="8000")])
    assert (finding.row, finding.column) == (3, "price")
    assert check_book([row(), row(component="output", price="8000")], accept=["acme/large"]) == []


def test_one_price_1000_times_the_one_before(row: Make) -> None:
    change = date(2026, 2, 1)
    rows = [
        row(component="read_unit", unit="per_million_units", price="16", effective_to=change),
        row(component="read_unit", unit="per_million_units", price="0.016", effective_from=change),
    ]
    assert places(rows) == [(3, "price")]


def test_free_is_not_odd(row: Make) -> None:
    rows = [row(model=name) for name in ("a", "b", "c")] + [row(model="d", price="0")]
    assert check_book(rows) == []


def test_threshold_operators(row: Make) -> None:
    from datetime import datetime

    noon = datetime(2026, 11, 1, 12)
    for operator, at_threshold in ((">", 2), (">=", 4)):
        rows = [row(), row(price="4", min_input_tokens=200_000, threshold_operator=operator)]
        found = [prices_at(rows, noon, n)["input"].price for n in (0, 199_999, 200_000, 200_001)]
        assert found == [2, 2, at_threshold, 4]


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.10", "0.1"), ("1E+1", "10"), ("0.000000001", "0.000000001"), ("-0", "0"), ("5.0", "5")],
)
def test_decimals_are_plain_text(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


def test_a_book_is_the_same_after_writing_and_reading(row: Make, tmp_path: Path) -> None:
    path = tmp_path / "price_book.csv"
    rows = [row(component="output", price="8.50", effective_to=date(2027, 1, 1)), row()]
    write_book(path, rows)
    first = path.read_bytes()
    write_book(path, reversed(read_book(path)))
    assert path.read_bytes() == first
    assert b"\r" not in first


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("price", "cheap"),
        ("price", "NaN"),
        ("effective_from", "2026-13-01"),
        ("effective_to", "soon"),
        ("min_input_tokens", "1.5"),
        ("source_date", ""),
    ],
)
def test_text_that_cannot_be_read_names_row_and_column(
    row: Make, tmp_path: Path, column: str, text: str
) -> None:
    path = tmp_path / "price_book.csv"
    write_book(path, [row(), row(component="output")])
    header, first, second = path.read_text().splitlines()
    values = second.split(",")
    values[header.split(",").index(column)] = text
    path.write_text("\n".join([header, first, ",".join(values)]) + "\n")
    with pytest.raises(ChargebackError, match=rf"price_book.csv row 3, column {column}: "):
        read_book(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "price_book.csv"
    path.write_text("provider,model\n")
    with pytest.raises(ChargebackError, match="missing column region"):
        read_book(path)
