"""Design 5, what was agreed: rates, volume, commitments, currencies, allowances (`rules.agreed`).

Money is written as (tokens, USD per million tokens). A plain call of 1,000 tokens in at 10 and 100
out at 20 costs 0.010 + 0.002 = 0.012.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rules.logs import Logs
from rules.prices import per_million

pytestmark = pytest.mark.slow
CALLS = Logs()
CALL = Decimal("0.012")
MARCH = "2026-03-15T12:00:00"

# name -> (source, id), list cost, negotiated cost
NEGOTIATED: dict[str, tuple[str, Decimal, Decimal]] = {}


def _use(
    name: str, model: str, at: str, prompt: int, out: int = 0, team: str = "alpha", **more: Any
) -> str:
    row_id = f"chatcmpl-agreed {model} {name}"
    tags = (f"team:{team}",)
    return CALLS.call(row_id, model=model, at=at, prompt=prompt, completion=out, tags=tags, **more)


def _negotiated(
    name: str,
    model: str,
    at: str,
    listed: list[tuple[int, str]],
    agreed: list[tuple[int, str]],
    **more: Any,
) -> None:
    """A call whose tokens are those of `listed`: all but the last are input."""
    *_, (out, _) = listed
    row_id = _use(name, model, at, sum(tokens for tokens, _ in listed) - out, out, **more)
    NEGOTIATED[f"{model} {name}"] = (row_id, per_million(*listed), per_million(*agreed))


def _money(rows: list[dict[str, Any]], column: str = "contracted_cost_usd") -> Decimal:
    return sum((row[column] for row in rows), Decimal(0))


# Rates, in March: the narrowest that fits each component, and nothing else.
_LISTED = [(1000, "10"), (100, "20")]
_FOR_PLAIN = [(1000, "7"), (100, "18")]  # input 30 % off, output 10 % off
for _name, _at, _agreed in (
    ("last moment before", "2026-02-28T23:59:59.999", _LISTED),
    ("first moment", "2026-03-01T00:00:00", _FOR_PLAIN),
    ("last moment", "2026-03-31T23:59:59.999", _FOR_PLAIN),
    ("first moment after", "2026-04-01T00:00:00", _LISTED),
):
    _negotiated(_name, "dealco/plain", _at, _LISTED, _agreed)
_CACHED = {"prompt_tokens_details": {"cached_tokens": 400}}
# A cached token has a price of its own: the rate for input is not for it, that for all is.
_negotiated(
    "cached",
    "dealco/plain",
    MARCH,
    [(600, "10"), (400, "1"), (100, "20")],
    [(600, "7"), (400, "0.9"), (100, "18")],
    usage=_CACHED,
)
# It has none: it costs what input does, also after the rate for input. 10 % off what is not fixed.
_negotiated(
    "cached",
    "dealco/cached",
    MARCH,
    [(600, "10"), (400, "10"), (100, "20")],
    [(600, "6"), (400, "6"), (100, "18")],
    usage=_CACHED,
)
# The model's 20 % go before the 30 % for input of all models; its fixed price before its 20 %.
_negotiated("model", "dealco/named", MARCH, _LISTED, [(1000, "8"), (100, "4")])
# The tier's 50 % go before the price of the component.
_negotiated(
    "batch",
    "dealco/named",
    MARCH,
    [(1000, "5"), (100, "10")],
    [(1000, "2.5"), (100, "5")],
    metadata={"cost_breakdown": {"service_tier": "batch"}},
)
# 10 % off, on either side of the cliff
_negotiated("100", "dealco/cliff", MARCH, [(100, "10"), (10, "20")], [(100, "9"), (10, "18")])
_negotiated("101", "dealco/cliff", MARCH, [(101, "20"), (10, "40")], [(101, "18"), (10, "36")])
# Agreed above list
_negotiated("dear", "dearco/m", MARCH, _LISTED, [(1000, "12"), (100, "20")])
# 0.000006 a token are 6 a million; list + 5 %; all of it taken off
_negotiated("per unit", "dearco/by-unit", MARCH, _LISTED, [(1000, "6"), (100, "20")])
_negotiated("surcharge", "dearco/surcharged", MARCH, _LISTED, [(1000, "10.5"), (100, "21")])
_negotiated("nothing", "dearco/given", MARCH, _LISTED, [(0, "0")])
# 20 % of the region go before 10 % of the tier; a region that no row names has the general prices
_IN_EU = [(1000, "11"), (100, "22")]
_negotiated("home", "regco/m", MARCH, _LISTED, [(1000, "9"), (100, "18")])
_negotiated("abroad", "regco/eu/m", MARCH, _IN_EU, [(1000, "8.8"), (100, "17.6")])

# Volume: 10 % from 1,000 tokens a month of the whole organisation on, 20 % from 5,000.
_VOLUME = {
    # February 600 + 399 = 999
    "2026-02": [("alpha", "02T12", 500, 100), ("beta", "27T12", 300, 99)],
    # March 600 + 400 = 1,000
    "2026-03": [("alpha", "02T12", 500, 100), ("beta", "30T12", 300, 100)],
    # April 600 + 4,400 = 5,000
    "2026-04": [("alpha", "02T12", 500, 100), ("beta", "30T12", 4300, 100)],
    # May 800; a hit of the gateway's cache and a refusal are no use of the provider
    "2026-05": [("alpha", "02T12", 700, 100)],
    # June 800, and 200 of a model that has no price: what is used counts
    "2026-06": [("alpha", "02T12", 700, 100)],
    # The edges of the months in UTC: July 1,000, August 999
    "2026-07": [("alpha", "01T00", 400, 0), ("beta", "31T23:59:59.999", 600, 0)],
    "2026-08": [("alpha", "01T00", 399, 0), ("beta", "31T23:59:59.999", 600, 0)],
    # November: the schedule has ended
    "2026-11": [("alpha", "01T00", 5000, 0)],
}
for _month, _uses in _VOLUME.items():
    for _team, _day, _in, _out in _uses:
        _time = f"{_month}-{_day}" if ":" in _day else f"{_month}-{_day}:00:00"
        _use(f"{_month} {_team}", "volco/a", _time, _in, _out, _team)
_use("hit_cache_hit1795254398.1", "volco/a", "2026-05-03T12:00:00", 300, cache_hit="True")
_use("refused", "volco/a", "2026-05-04T12:00:00", 300, status="failure")
_use("unpriced", "volco/unheard-of", "2026-06-03T12:00:00", 200)
# September: 700 tokens of `a`, 400 of `b`, which has its own schedule; October: the third request.
_use("2026-09", "volco/a", "2026-09-02T12:00:00", 700)
_use("2026-10", "volco/a", "2026-10-02T12:00:00", 700)
for _month, _times in (("2026-09", 2), ("2026-10", 3)):
    for _number in range(_times):
        _use(f"{_month} {_number}", "volco/b", f"{_month}-0{_number + 1}T12:00:00", 200)
_use("hit_cache_hit1795254398.2", "volco/b", "2026-09-09T12:00:00", 200, cache_hit="True")
# (month, team, model): list cost, contracted cost
CONTRACTED = {
    # 500 x 10 + 100 x 20 = 7,000 of a million; 300 x 10 + 99 x 20 = 4,980
    ("2026-02", "alpha", "a"): ("0.007", "0.007"),
    ("2026-02", "beta", "a"): ("0.00498", "0.00498"),
    # 10 % off every unit, also of the second of March: 7,000 x 0.9; 5,000 x 0.9
    ("2026-03", "alpha", "a"): ("0.007", "0.0063"),
    ("2026-03", "beta", "a"): ("0.005", "0.0045"),
    # 20 %: 7,000 x 0.8; 45,000 x 0.8
    ("2026-04", "alpha", "a"): ("0.007", "0.0056"),
    ("2026-04", "beta", "a"): ("0.045", "0.036"),
    # 700 x 10 + 100 x 20 = 9,000; June 10 % off
    ("2026-05", "alpha", "a"): ("0.009", "0.009"),
    ("2026-06", "alpha", "a"): ("0.009", "0.0081"),
    ("2026-07", "alpha", "a"): ("0.004", "0.0036"),
    ("2026-07", "beta", "a"): ("0.006", "0.0054"),
    ("2026-08", "alpha", "a"): ("0.00399", "0.00399"),
    ("2026-08", "beta", "a"): ("0.006", "0.006"),
    ("2026-09", "alpha", "a"): ("0.007", "0.007"),
    ("2026-10", "alpha", "a"): ("0.007", "0.007"),
    # 2 x 200 x 100 = 40,000; 3 x 200 x 100 = 60,000, half of it
    ("2026-09", "alpha", "b"): ("0.04", "0.04"),
    ("2026-10", "alpha", "b"): ("0.06", "0.03"),
    ("2026-11", "alpha", "a"): ("0.05", "0.05"),
}
# After a rate of 10 %, another 10 % from a list cost of 1 USD on, from mid-March to mid-May
for _month, _in in (
    ("2026-02", 100_000),
    ("2026-03", 100_000),
    ("2026-04", 99_999),
    ("2026-05", 100_000),
    ("2026-06", 100_000),
):
    _use(_month, "volnegoco/m", f"{_month}-01T00:00:00", _in)

# Capacity for a model from 11 March to 1 May; half the price for the rest from March on
_PLAIN = [(1000, "10"), (100, "20")]
for _name, _model, _at, _agreed in (
    ("before the rate", "capco/m", "2026-02-28T23:59:59.999", _PLAIN),
    ("before capacity", "capco/m", "2026-03-10T23:59:59.999", [(1000, "5"), (100, "10")]),
    ("capacity begins", "capco/m", "2026-03-11T00:00:00", [(0, "0")]),
    ("other model", "capco/other", MARCH, [(1000, "5"), (100, "10")]),
    ("capacity ends", "capco/m", "2026-04-30T23:59:59.999", [(0, "0")]),
    ("after capacity", "capco/m", "2026-05-01T00:00:00", [(1000, "5"), (100, "10")]),
):
    _negotiated(_name, _model, _at, _PLAIN, _agreed)

# At least 0.05 USD a month. Of 10 a million tokens: what is used in the month
for _month, _in in (("2026-03", 2000), ("2026-04", 5000), ("2026-05", 5200), ("2026-06", 5000)):
    _use(_month, "minco/m", f"{_month}-20T12:00:00", _in)

# Euros: 1.10 from 1 March, 1.25 from 10 March. (currency: list, negotiated; USD: list, negotiated)
EUROS = {
    # 1,000 x 2 + 100 x 8 = 2,800 of a million; x 1.10
    "m last moment": (
        "2026-03-09T23:59:59.999",
        ("0.0028", "0.0028", "0.00308", "0.00308"),
    ),
    # 10 % off from 10 March: 2,520; x 1.25
    "m first moment": ("2026-03-10T00:00:00", ("0.0028", "0.00252", "0.0035", "0.00315")),
    # 1,000 x 4 + 100 x 8 = 4,800; input for 3, output for 7.2: 3,720; x 1.25
    # A price fixed in dollars is none of a list in euros: the 10 % of all hold
    "wrong currency": ("2026-04-11T00:00:00", ("0.0048", "0.00432", "0.006", "0.0054")),
    "fixed fixed price": ("2026-04-10T00:00:00", ("0.0048", "0.00372", "0.006", "0.00465")),
}
for _name, (_at, _) in EUROS.items():
    _model, _label = _name.split(" ", 1)
    _use(_label, f"eurco/{_model}", _at, 1000, 100)
_use("no rate yet", "eurco/m", "2026-02-28T23:59:59.999", 1000, 100)
# Input in euros, output in dollars: no price of a call
_use("two currencies", "mixco/m", MARCH, 1000, 100)

# 1,000 tokens of input a day for nothing, of `m` and `n` together; `n` at half its price
for _name, _model, _at, _in, _team in (
    ("within", "m", "2026-03-01T12:00:00", 600, "alpha"),
    ("within", "n", "2026-03-01T12:00:00", 400, "beta"),
    ("beyond", "m", "2026-03-02T12:00:00", 1200, "alpha"),
    ("beyond", "n", "2026-03-02T12:00:00", 400, "beta"),
    ("beside a hit", "m", "2026-03-04T12:00:00", 800, "alpha"),
    ("end of a day", "m", "2026-03-05T23:59:59.999", 800, "alpha"),
    ("begin of a day", "m", "2026-03-06T00:00:00", 800, "beta"),
    ("not asked for", "asked", "2026-03-07T12:00:00", 800, "alpha"),
):
    _use(_name, f"freeco/{_model}", _at, _in, 100, _team)
# A third of it for each; and a model that is in two allowances uses the first alone
for _team in ("alpha", "beta", "gamma"):
    _use(f"third {_team}", "freeco/m", "2026-03-08T12:00:00", 1000, 100, _team)
_use("two", "freeco/two", "2026-03-09T12:00:00", 2000, 100)
_use(
    "batch",
    "freeco/m",
    "2026-03-03T12:00:00",
    500,
    100,
    metadata={"cost_breakdown": {"service_tier": "batch"}},
)
_use("hit_cache_hit1795254398.1", "freeco/m", "2026-03-04T12:00:00", 5000, cache_hit="True")
# 1,000 tokens of output a month
_use("first", "freeco/w", "2026-04-02T12:00:00", 100, 1500, "alpha")
_use("second", "freeco/w", "2026-04-20T12:00:00", 100, 500, "beta")
_use("next month", "freeco/w", "2026-05-01T00:00:00", 100, 500, "beta")
# (day, team): free, contracted. 100 tokens of output cost 0.002.
FREE = {
    # all of 600 and 400: 600 x 10, 400 x 10
    ("2026-03-01", "alpha"): ("0.006", "0.002"),
    ("2026-03-01", "beta"): ("0.004", "0.002"),
    # 1,000 of 1,600 are 0.625: 1,200 x 10 x 0.625 = 7,500 of 12,000
    ("2026-03-02", "alpha"): ("0.0075", "0.0065"),
    # at half the price: 400 x 5 x 0.625 = 1,250 of 2,000; output 1,000
    ("2026-03-02", "beta"): ("0.00125", "0.00175"),
    # batch: 500 x 5 + 100 x 10
    ("2026-03-03", "alpha"): ("0", "0.0035"),
    ("2026-03-04", "alpha"): ("0.008", "0.002"),
    ("2026-03-05", "alpha"): ("0.008", "0.002"),
    ("2026-03-06", "beta"): ("0.008", "0.002"),
    # 800 x 10 + 100 x 20
    ("2026-03-07", "alpha"): ("0", "0.01"),
    # half of 2,000 x 10; not 10 of 100 tokens of output
    ("2026-03-09", "alpha"): ("0.01", "0.012"),
    # 1,000 of 2,000 a month: half of 1,500 x 20 and of 500 x 20; input 100 x 10
    ("2026-04-02", "alpha"): ("0.015", "0.016"),
    ("2026-04-20", "beta"): ("0.005", "0.006"),
    ("2026-05-01", "beta"): ("0.01", "0.001"),
}


@pytest.mark.parametrize("name", NEGOTIATED)
def test_rates_come_after_list(agreed, name) -> None:
    row_id, listed, negotiated = NEGOTIATED[name]
    event = agreed.event(row_id)
    assert event["pricing_status"] == "priced"
    assert (event["list_cost_usd"], event["negotiated_cost_usd"]) == (listed, negotiated)


@pytest.mark.parametrize(("month", "team", "model"), CONTRACTED)
def test_volume_of_the_organisation_is_for_every_unit(agreed, month, team, model) -> None:
    listed, contracted = CONTRACTED[month, team, model]
    rows = agreed.days("volco", month, team_id=team, model_id=model)
    assert _money(rows, "list_cost_usd") == Decimal(listed)
    assert _money(rows) == Decimal(contracted)
    assert _money(rows, "volume_discount_usd") == Decimal(listed) - Decimal(contracted)


@pytest.mark.parametrize(
    ("month", "contracted"),
    {
        "2026-02": "0.9",  # 1 - 10 %
        "2026-03": "0.81",  # 1 - 10 % = 0.9, - 10 %
        "2026-04": "0.899991",  # a list cost of 0.99999 is below the step; - 10 %
        "2026-05": "0.81",
        "2026-06": "0.9",
    }.items(),
)
def test_volume_discounts_come_after_rates(agreed, month, contracted) -> None:
    assert _money(agreed.days("volnegoco", month)) == Decimal(contracted)


@pytest.mark.parametrize(
    ("month", "listed", "negotiated", "capacity"),
    [
        # 3 calls; one at half the price, one in capacity, one of the other model at half the price;
        # 21 of 31 days of 3,100
        ("2026-03", 3 * CALL, CALL, Decimal(2100)),
        ("2026-04", CALL, Decimal(0), Decimal(3100)),
        ("2026-05", CALL, CALL / 2, Decimal(0)),
    ],
)
def test_capacity_is_a_shared_cost(agreed, month, listed, negotiated, capacity) -> None:
    steps = agreed.bridge("capco", month)
    assert steps["list_cost"] == listed
    assert steps["negotiated_rates"] == negotiated - listed
    assert steps.get("capacity", 0) == capacity
    assert _money(agreed.days("capco", month)) == negotiated


@pytest.mark.parametrize(
    ("provider", "month", "shortfall"),
    [
        ("minco", "2026-03", "0.03"),  # 0.05 - 2,000 x 10
        ("minco", "2026-04", "0"),  # 5,000 x 10 are 0.05
        ("minco", "2026-05", "0"),
        ("minco", "2026-06", "0.005"),  # 0.05 - 10 % of it
        # 1 EUR at 1.10, the rate of the first, - (0.00308 + 0.00315)
        ("eurco", "2026-03", "1.09377"),
        # 1 EUR at 1.25 - (0.00465 + 0.0054)
        ("eurco", "2026-04", "1.23995"),
    ],
)
def test_what_a_minimum_lacks_is_a_shared_cost(agreed, provider, month, shortfall) -> None:
    assert agreed.bridge(provider, month).get("minimum_shortfall", 0) == Decimal(shortfall)


@pytest.mark.parametrize("name", EUROS)
def test_amounts_keep_both_currencies(agreed, name) -> None:
    model, label = name.split(" ", 1)
    event = agreed.event(f"chatcmpl-agreed eurco/{model} {label}")
    assert (event["pricing_status"], event["pricing_currency"]) == ("priced", "EUR")
    assert (
        event["pricing_currency_list_cost"],
        event["pricing_currency_negotiated_cost"],
        event["list_cost_usd"],
        event["negotiated_cost_usd"],
    ) == tuple(Decimal(amount) for amount in EUROS[name][1])


@pytest.mark.parametrize("name", ["eurco/m no rate yet", "mixco/m two currencies"])
def test_currencies_that_lead_to_no_price(agreed, name) -> None:
    event = agreed.event(f"chatcmpl-agreed {name}")
    assert (event["pricing_status"], event["list_cost_usd"]) == ("unpriced", None)
    assert (event["input_tokens"], event["output_tokens"]) == (1000, 100)


@pytest.mark.parametrize(("day", "team"), FREE)
def test_an_allowance_is_shared_by_all_who_use_it(agreed, day, team) -> None:
    free, contracted = FREE[day, team]
    rows = agreed.days("freeco", day, team_id=team)
    assert _money(rows, "free_allowance_usd") == Decimal(free)
    assert _money(rows) == Decimal(contracted)


def test_shares_that_do_not_divide_are_equal_and_leave_nothing(agreed) -> None:
    rows = agreed.days("freeco", "2026-03-08")
    assert len({row["free_allowance_usd"] for row in rows}) == 1
    # 1,000 of 3,000 x 10, but for the last of 12 decimals
    assert abs(_money(rows, "free_allowance_usd") - Decimal("0.01")) < Decimal("0.000000000001")
    # what is not free is paid: 3 x (1,000 x 10 + 100 x 20) = 0.036
    assert _money(rows) + _money(rows, "free_allowance_usd") == Decimal("0.036")


def test_mistakes_in_the_agreements_are_named(agreed) -> None:
    assert agreed.refused == {
        "agreed_prices_are_in_the_lists_currency",  # eurco/wrong
        "agreed_rates_apply",  # eurco/wrong: dollars where the list is in euros
        "allowances_can_be_shared",  # freeco/two
        "cards_have_exchange_rates",  # eurco before the first rate
        "cards_have_one_currency",  # mixco/m
        "own_prices_are_for_the_components_unit",  # dearco/by-unit: of a token, not of a million
    }


def test_every_bridge_leads_to_the_contracted_costs(agreed) -> None:
    for provider in ("dealco", "volco", "volnegoco", "capco", "minco", "eurco", "freeco", "hitco"):
        months = {
            row["period"].isoformat()[:7]
            for row in agreed.state.rows("fct_cost_bridge", provider=provider)
        }
        assert months
        for month in months:
            steps = agreed.bridge(provider, month)
            names = ("list_cost", "negotiated_rates", "free_allowances", "volume_tiers")
            led = sum(steps.get(name, Decimal(0)) for name in names)
            assert led == _money(agreed.days(provider, month)), (provider, month)
