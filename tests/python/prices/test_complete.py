"""LiteLLM completes the rows of the other sources and never changes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chargeback.prices.aliases import Alias
from chargeback.prices.book import COMPONENTS, PriceRow, cards
from chargeback.prices.check import check_book
from chargeback.prices.complete import Completion, complete
from chargeback.prices.litellm_map import Cell, MapReading, Offer
from prices.conftest import PLAIN

TODAY = date(2026, 11, 21)
Make = Callable[..., PriceRow]


def offer(
    model: str,
    prices: dict[str | Cell, str],
    key: str = "",
    provider: str = "acme",
    region: str = "",
) -> Offer:
    """An entry; a component alone is its standard base price."""
    cells = {
        (cell if isinstance(cell, tuple) else ("standard", 0, cell)): Decimal(price)
        for cell, price in prices.items()
    }
    return Offer(key or model, provider, model, region, "", cells)


def run(rows: list[PriceRow], *offers: Offer, aliases: tuple[Alias, ...] = ()) -> Completion:
    return complete(rows, MapReading("1.0", list(offers)), aliases, TODAY)


def added(rows: list[PriceRow], result: Completion) -> set[tuple[str, str, str, int, Decimal]]:
    return {
        (r.model, r.service_tier, r.component, r.min_input_tokens, r.price)
        for r in set(result.rows) - set(rows)
    }


def pair(row: Make) -> list[PriceRow]:
    return [row(price="2"), row(component="output", price="8")]


def test_ours_win_and_a_difference_is_reported(row: Make) -> None:
    result = run(pair(row), offer("large", {"input": "3", "output": "8", "cache_read": "1"}))
    assert result.rows == pair(row)
    [found] = result.disagreements
    assert (found.component, found.ours, found.theirs, found.key) == ("input", "2", "3", "large")
    assert result.compared == 2


def test_a_component_is_added_where_the_base_prices_agree(row: Make) -> None:
    result = run(pair(row), offer("large", {"input": "2", "cache_read": "0.2", "reasoning": "8"}))
    assert added(pair(row), result) == {("large", "standard", "cache_read", 0, Decimal("0.2"))}
    assert {r.source for r in result.rows} == {"genai-prices 1.0", "LiteLLM 1.0"}


def test_a_price_cut_to_few_digits_agrees(row: Make) -> None:
    rows = [row(price="0.111")]
    assert run(rows, offer("large", {"input": "0.11099"})).disagreements == []


def test_of_two_entries_the_first_key_is_taken_whatever_their_order(row: Make) -> None:
    alias = Alias("acme", "exact", "large-2026", "large", "test")
    entries = [
        offer("large", {"input": "2", "cache_read": "0.2"}),
        offer("large-2026", {"input": "2", "cache_read": "0.4"}),
    ]
    for listed in (entries, entries[::-1]):
        result = run(pair(row), *listed, aliases=(alias,))
        assert added(pair(row), result) == {("large", "standard", "cache_read", 0, Decimal("0.2"))}


def test_tiers_the_rows_have_get_an_added_component_too(row: Make) -> None:
    rows = [*pair(row), row(service_tier="batch", price="1"), row(service_tier="flex", price="1")]
    prices: dict[str | Cell, str] = {
        "input": "2",
        "cache_read": "0.2",
        ("batch", 0, "cache_read"): "0.1",
    }
    assert added(rows, run(rows, offer("large", prices))) == {
        ("large", "standard", "cache_read", 0, Decimal("0.2")),
        ("large", "batch", "cache_read", 0, Decimal("0.1")),
        ("large", "flex", "cache_read", 0, Decimal("0.2")),
    }


def test_only_an_entry_of_the_same_model_completes(row: Make) -> None:
    prefix = Alias("acme", "prefix", "large", "large", "test")
    exact = Alias("acme", "exact", "large-2026", "large", "test")
    prices: dict[str | Cell, str] = {"input": "2", "output": "8", "cache_read": "0.2"}
    like = run(pair(row), offer("large-audio", prices), aliases=(prefix,))
    assert like.rows == pair(row)
    same = run(pair(row), offer("large-2026", prices), aliases=(prefix, exact))
    assert len(same.rows) == 3


def test_a_tier_repeats_what_it_inherits(row: Make) -> None:
    rows = [*pair(row), row(component="cache_read", price="0.2")]
    batch: dict[str | Cell, str] = {
        "input": "2",
        ("batch", 0, "input"): "1",
        ("batch", 0, "output"): "4",
    }
    result = run(rows, offer("large", batch))
    assert added(rows, result) == {
        ("large", "batch", "input", 0, Decimal(1)),
        ("large", "batch", "output", 0, Decimal(4)),
        ("large", "batch", "cache_read", 0, Decimal("0.2")),
    }


def test_a_tier_without_its_long_context_price_is_not_taken(row: Make) -> None:
    above = {"min_input_tokens": 200_000, "threshold_operator": ">"}
    rows = [row(price="2"), row(price="4", **above)]
    result = run(rows, offer("large", {"input": "2", ("batch", 0, "input"): "1"}))
    assert result.rows == rows
    assert result.not_taken == ["acme/large batch: no price past the threshold"]


def test_a_tier_holds_as_long_as_todays_prices(row: Make) -> None:
    spring = date(2026, 4, 1)
    rows = [row(price="3", effective_to=spring), row(price="2", effective_from=spring)]
    result = run(rows, offer("large", {"input": "2", ("flex", 0, "input"): "1"}))
    [flex] = [r for r in result.rows if r.service_tier == "flex"]
    assert (flex.effective_from, flex.effective_to) == (spring, None)


def test_a_threshold_is_taken_whole_or_not_at_all(row: Make) -> None:
    long: dict[str | Cell, str] = {"input": "2", ("standard", 200_000, "input"): "4"}
    result = run(pair(row), offer("large", long))
    assert result.rows == pair(row)
    assert result.not_taken == ["acme/large: above 200000 output has no price"]
    result = run(pair(row), offer("large", {**long, ("standard", 200_000, "output"): "12"}))
    above = [r for r in result.rows if r.min_input_tokens]
    assert {(r.component, str(r.price), r.threshold_operator) for r in above} == {
        ("input", "4", ">"),
        ("output", "12", ">"),
    }


def test_xai_counts_from_the_threshold_itself(row: Make) -> None:
    long: dict[str | Cell, str] = {"input": "2", ("standard", 200_000, "input"): "4"}
    result = run([], offer("grok", long, provider="x-ai"))
    assert [r.threshold_operator for r in result.rows] == [">=", ">="]


def test_a_model_of_the_map_alone_is_new_since_ever() -> None:
    result = run([], offer("other", {"input": "1", "output": "4", "reasoning": "4"}))
    assert {(r.component, r.effective_from.year) for r in result.rows} == {
        ("input", 1970),
        ("output", 1970),
    }
    assert [(a.match_type, a.pattern) for a in result.aliases] == [("exact", "other")]


def test_bedrock_names_stand_at_the_end_of_an_arn() -> None:
    found = run([], offer("meta.llama", {"input": "1"}, provider="aws")).aliases
    assert {a.match_type for a in found} == {"exact", "suffix"}
    known = Alias("aws", "contains", "us.meta.llama", "regional.meta.llama", "test")
    rows = [replace(PLAIN, provider="aws", model="regional.meta.llama")]
    found = run(rows, offer("meta.llama", {"input": "1"}, provider="aws"), aliases=(known,)).aliases
    assert {a.match_type for a in found} == {"exact"}


def test_a_region_is_a_card_of_its_own_only_where_it_costs_otherwise(row: Make) -> None:
    dearer = offer("large", {"input": "2.2"}, region="eu")
    result = run(pair(row), dearer, offer("large", {"input": "2"}, region="us"))
    assert {(r.region, r.component, str(r.price)) for r in result.rows if r.region} == {
        ("eu", "input", "2.2"),
        ("eu", "output", "8"),
    }


def test_us_only_costs_a_factor_in_every_tier(row: Make) -> None:
    rows = [*pair(row), row(component="web_search", unit="per_thousand_requests", price="10")]
    rows += [replace(r, service_tier="batch", price=r.price / 2) for r in rows]
    entry = offer("large", {"input": "2"})
    entry.us_factor = Decimal("1.1")
    us = [r for r in run(rows, entry).rows if r.region == "us"]
    assert {(r.service_tier, r.component, str(r.price.normalize())) for r in us} == {
        ("standard", "input", "2.2"),
        ("standard", "output", "8.8"),
        ("standard", "web_search", "1E+1"),
        ("batch", "input", "1.1"),
        ("batch", "output", "4.4"),
        ("batch", "web_search", "5"),
    }


def test_what_a_wrong_unit_would_explain_is_listed_not_taken(row: Make) -> None:
    rows = [row(model=name) for name in ("a", "b", "c")]
    result = run(rows, offer("d", {"input": "1000", ("batch", 0, "input"): "500"}))
    assert result.rows == rows
    assert len(result.absurd) == 1
    assert result.added_models == []


def test_list_prices_of_the_maker_get_no_kind_of_token_the_maker_has_not(row: Make) -> None:
    rows = [replace(r, source="genai-prices 1.0 (maker list price)") for r in pair(row)]
    result = run(rows, offer("large", {"input": "2", "cache_read": "0.2", "web_search": "10"}))
    assert {r.component for r in result.rows} == {"input", "output", "web_search"}


def test_hours_of_the_day_are_not_completed(row: Make) -> None:
    rows = [
        row(price="1", daily_from="00:00", daily_to="12:00"),
        row(price="2", daily_from="12:00", daily_to="24:00"),
    ]
    result = run(rows, offer("large", {"input": "2", "cache_read": "0.2"}))
    assert result.rows == rows
    assert result.disagreements == []


PRICES = st.integers(1, 40).map(lambda n: Decimal(n) / 4)
TOKENS = ("input", "cache_read", "cache_write_5m", "output", "reasoning", "input_audio")
THRESHOLDS = (0, 200_000)
CELLS = st.tuples(
    st.sampled_from(("standard", "batch", "flex")),
    st.sampled_from(THRESHOLDS),
    st.sampled_from(TOKENS),
)
CHANGES = st.lists(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=2, unique=True)
WINDOWS = ((("", ""),), (("", ""),), (("00:00", "08:00"), ("08:00", "24:00")))


@st.composite
def card(draw: st.DrawFn, model: str, tier: str) -> list[PriceRow]:
    """A rate card of some ranges, each whole: components, thresholds, windows."""
    rows = []
    changes = sorted(draw(CHANGES))
    components = ["input", *sorted(draw(st.sets(st.sampled_from(TOKENS[1:]))))]
    minimums = draw(st.sampled_from((THRESHOLDS[:1], THRESHOLDS)))
    windows = draw(st.sampled_from(WINDOWS))
    for start, end in zip([date(1970, 1, 1), *changes], [*changes, None], strict=True):
        for minimum, (opens, closes), component in product(minimums, windows, components):
            rows.append(
                replace(
                    PLAIN,
                    model=model,
                    service_tier=tier,
                    component=component,
                    unit=COMPONENTS[component],
                    price=draw(PRICES),
                    effective_from=start,
                    effective_to=end,
                    min_input_tokens=minimum,
                    threshold_operator=">" if minimum else ">=",
                    daily_from=opens,
                    daily_to=closes,
                )
            )
    return rows


@st.composite
def books_and_offers(draw: st.DrawFn) -> tuple[list[PriceRow], list[Offer]]:
    """Two models, one with a tier, and entries that mostly agree with their prices of today."""
    rows = [*draw(card("large", "standard")), *draw(card("small", "standard"))]
    rows += draw(card("large", "batch"))
    offers = []
    for number in range(draw(st.integers(0, 4))):
        model = draw(st.sampled_from(("large", "large", "small", "other")))
        region = draw(st.sampled_from(("", "", "", "eu")))
        prices = {
            cell: draw(PRICES) for cell in draw(st.sets(CELLS, min_size=1, max_size=len(TOKENS)))
        }
        for row in rows:
            is_today = row.effective_from <= TODAY < (row.effective_to or date.max)
            if row.model == model and is_today and draw(st.integers(0, 9)):
                prices[(row.service_tier, row.min_input_tokens, row.component)] = row.price
        for component in draw(st.sets(st.sampled_from(TOKENS[1:]))):
            for minimum in THRESHOLDS:
                prices.setdefault(("standard", minimum, component), draw(PRICES))
        offers.append(Offer(f"{region}/{model}-{number}", "acme", model, region, "", prices))
    return rows, offers


BOOKS = books_and_offers()
HEALTH = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=150, deadline=None, suppress_health_check=HEALTH)
@given(BOOKS)
def test_completed_books_are_whole_and_keep_every_row(
    given_both: tuple[list[PriceRow], list[Offer]],
) -> None:
    """No overlap, no gap, every component in every cell; no row is lost, changed or free."""
    rows, offers = given_both
    structure = {"effective_from", "effective_to", "component", "daily_from", "days_of_week"}
    result = complete(rows, MapReading("1.0", offers), [], TODAY)
    assert [f for f in check_book(result.rows) if f.column in structure] == []
    assert set(rows) <= set(result.rows)
    assert all(row.price > 0 for row in result.rows)
    for periods in cards(result.rows).values():
        for period in periods:
            components = {row.component for row in period.rows}
            cells = {row.cell for row in period.rows}
            assert len(period.rows) == len(components) * len(cells)


@settings(max_examples=60, deadline=None, suppress_health_check=HEALTH)
@given(BOOKS, st.randoms())
def test_the_order_of_rows_and_entries_does_not_matter(
    given_both: tuple[list[PriceRow], list[Offer]], chance: Random
) -> None:
    rows, offers = given_both
    first = complete(rows, MapReading("1.0", list(offers)), [], TODAY)
    shuffled_rows, shuffled = list(rows), list(offers)
    chance.shuffle(shuffled_rows)
    chance.shuffle(shuffled)
    second = complete(shuffled_rows, MapReading("1.0", shuffled), [], TODAY)
    assert set(first.rows) == set(second.rows)
    assert first.disagreements == second.disagreements


@settings(max_examples=60, deadline=None, suppress_health_check=HEALTH)
@given(BOOKS)
def test_completing_twice_adds_nothing(given_both: tuple[list[PriceRow], list[Offer]]) -> None:
    rows, offers = given_both
    reading = MapReading("1.0", offers)
    once = complete(rows, reading, [], TODAY)
    again = complete(once.rows, reading, [], TODAY)
    assert {_without_source(row) for row in once.rows} <= {_without_source(r) for r in again.rows}


def _without_source(row: PriceRow) -> PriceRow:
    return replace(row, source="")
