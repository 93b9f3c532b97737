"""A refresh never changes the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from chargeback.prices.book import PriceRow, cards
from chargeback.prices.check import check_book
from chargeback.prices.merge import merge
from prices.lookup import prices_at

DAY = date(2026, 12, 1)
Make = Callable[..., PriceRow]


def input_price(rows: list[PriceRow], day: str) -> Decimal:
    return prices_at(rows, datetime.fromisoformat(day), 1000)["input"].price


def test_a_new_model_brings_its_history(row: Make) -> None:
    new = [
        row(price="3", effective_to=date(2026, 1, 1)),
        row(price="2", effective_from=date(2026, 1, 1)),
    ]
    result = merge([], new, DAY)
    assert sorted(r.price for r in result.rows) == [2, 3]
    assert result.new == [("acme", "large", "", "standard")]


def test_a_changed_price_is_a_new_row_from_the_day_of_the_refresh(row: Make) -> None:
    old = [row(price="2"), row(price="8", component="output")]
    new = [
        row(price="1", source="genai-prices 1.1"),
        row(price="8", component="output", source="genai-prices 1.1"),
    ]
    result = merge(old, new, DAY)
    assert result.changed == [("acme", "large", "", "standard")]
    assert input_price(result.rows, "2026-11-30T23:59:59") == 2
    assert input_price(result.rows, "2026-12-01T00:00:00") == 1
    before, after = cards(result.rows)[("acme", "large", "", "standard")]
    assert (before.effective_to, after.effective_from) == (DAY, DAY)
    assert len(before.rows) == len(after.rows) == 2
    assert {r.source for r in before.rows} == {"genai-prices 1.0"}
    assert {r.source for r in after.rows} == {"genai-prices 1.1"}
    assert check_book(result.rows) == []


def test_a_price_that_is_the_same_keeps_its_row_and_source(row: Make) -> None:
    old = [row()]
    result = merge(old, [row(source="genai-prices 1.1", source_date=DAY)], DAY)
    assert result.rows == old
    assert result.unchanged == [("acme", "large", "", "standard")]


def test_a_model_that_is_gone_stays(row: Make) -> None:
    old = [row(model="retired"), row()]
    result = merge(old, [row()], DAY)
    assert result.gone == [("acme", "retired", "", "standard")]
    assert sorted(r.model for r in result.rows) == ["large", "retired"]
    assert all(r.effective_to is None for r in result.rows)


def test_a_past_the_source_tells_anew_is_kept_and_reported(row: Make) -> None:
    old = [row(price="2")]
    new = [
        row(price="3", effective_to=date(2026, 6, 1)),
        row(price="2", effective_from=date(2026, 6, 1)),
    ]
    result = merge(old, new, DAY)
    assert result.rows == old
    assert result.disputed == [("acme", "large", "", "standard")]
    assert result.unchanged == [("acme", "large", "", "standard")]


def test_a_source_without_a_past_disputes_none(row: Make) -> None:
    spring = date(2026, 4, 1)
    base = [row(price="3", effective_to=spring), row(price="2", effective_from=spring)]
    cache = row(component="cache_read", price="1", source="LiteLLM 1.0")
    old = [*base, replace(cache, effective_to=spring)]
    result = merge(old, [*base, replace(cache, effective_from=spring)], DAY)
    assert result.disputed == []
    assert result.changed == [("acme", "large", "", "standard")]
    prices = {(r.component, str(r.effective_from)): r.price for r in result.rows}
    assert prices == {
        ("input", "1970-01-01"): 3,
        ("cache_read", "1970-01-01"): 1,
        ("input", "2026-04-01"): 2,
        ("input", "2026-12-01"): 2,
        ("cache_read", "2026-12-01"): 1,
    }


def test_rewrite_takes_the_past_of_the_named_model_only(row: Make) -> None:
    old = [row(price="2"), row(price="2", model="other")]
    new = [row(price="3"), row(price="3", model="other")]
    result = merge(old, new, DAY, rewrite=["acme/large"])
    prices = {(r.model, r.effective_from.year): r.price for r in result.rows}
    assert prices == {("large", 1970): 3, ("other", 1970): 2, ("other", 2026): 3}


def test_a_future_price_that_was_known_stays_known(row: Make) -> None:
    change = date(2027, 1, 1)
    book = [row(price="2", effective_to=change), row(price="4", effective_from=change)]
    assert merge(book, book, DAY).rows == book


def test_refreshing_twice_on_a_day_and_again_later_adds_nothing(row: Make) -> None:
    once = merge([row(price="2")], [row(price="1")], DAY).rows
    assert merge(once, [row(price="1")], DAY).rows == once
    assert merge(once, [row(price="1")], date(2027, 3, 1)).rows == once


def test_a_price_that_goes_back_is_a_third_row(row: Make) -> None:
    twice = merge([row(price="2")], [row(price="1")], DAY).rows
    thrice = merge(twice, [row(price="2")], date(2027, 3, 1)).rows
    assert [r.price for r in thrice] == [2, 1, 2]
    assert [input_price(thrice, d) for d in ("2026-01-01", "2026-12-24", "2027-03-01")] == [2, 1, 2]
    assert check_book(thrice) == []


def test_an_assumed_tier_keeps_its_flag(row: Make) -> None:
    start = date(2026, 10, 14)
    book = [
        row(
            service_tier="batch",
            effective_to=start,
            source="genai-prices 1.0, tier assumed before 2026-10-14",
        ),
        row(service_tier="batch", effective_from=start),
    ]
    assert merge(book, book, DAY).rows == book
    later = merge(
        book, [*book[:1], row(service_tier="batch", price="1", effective_from=start)], DAY
    )
    assert [r.price for r in later.rows] == [2, 2, 1]
    assert later.rows[0].assumption == ", tier assumed before 2026-10-14"
