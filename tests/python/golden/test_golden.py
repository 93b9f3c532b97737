"""Every row of a small set of logs: its owner, rule, feature and cost, as worked out by hand.

See README.md of this folder. The logs are loaded at once, and in two parts in either order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import pytest

from golden.company import ENGINES, Company, new_company
from golden.expectations import EVENT, Expected, by_hand, read
from golden.outcomes import IDS, Outcome, Outcomes, outcomes

pytestmark = pytest.mark.slow
EXPECTED = read()
#: Folders of `logs/` in each load. `later` has the roots of the traces, and more that came late.
ORDERS = {
    "at once": [("company", "first", "later")],
    "roots later": [("company", "first"), ("later",)],
    "roots first": [("company", "later"), ("first",)],
}
#: The SQL is the same; what differs by engine shows in the order that has two loads and late roots.
ORDERS_OF = {"duckdb": tuple(ORDERS), "postgres": ("roots later",)}
MARTS = (
    "+fct_usage_events",
    "+fct_duplicate_events",
    "+fct_rejected_events",
    "+fct_row_accounts",
    "+fct_team_daily_costs",
)


@dataclass(frozen=True)
class State:
    """The warehouse of an engine after all loads, in one of the orders."""

    name: str
    found: Outcomes


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Company]]:
    """The company of an engine, made when it is asked for; an engine keeps it for all orders."""
    with ExitStack() as stack:

        @cache
        def company(engine: str) -> Company:
            return stack.enter_context(new_company(tmp_path_factory.mktemp("golden"), engine))

        yield company


@pytest.fixture(
    scope="module",
    params=[(engine, order) for engine in ENGINES for order in ORDERS_OF[engine]],
    ids=", ".join,
)
def state(request: pytest.FixtureRequest, companies: Callable[[str], Company]) -> State:
    engine, order = request.param
    company = companies(engine)
    company.empty()
    for parts in ORDERS[order]:
        company.load(*parts)
        company.build("--select", *MARTS)
    return State(f"{company.project.target}, {order}", outcomes(company.project))


def _case(expected: Expected) -> str:
    return expected.case


@pytest.mark.parametrize("expected", EXPECTED, ids=_case)
def test_row(state: State, expected: Expected) -> None:
    found = state.found.rows.get(expected.place, [])
    # Rows of the table with the same id are those of the logs, in the same order.
    same_id = [row for row in EXPECTED if row.place == expected.place]
    assert len(found) == len(same_id), f"{len(found)} raw rows {expected.place}"
    wrong = _differences(expected, found[same_id.index(expected)])
    if wrong:
        lines = [
            f"{expected.case} ({expected.source} {expected.row}; {state.name})",
            *wrong,
            f"because: {expected.why}",
        ]
        pytest.fail("\n  ".join(lines), pytrace=False)


def _differences(expected: Expected, found: Outcome) -> list[str]:
    if found.becomes != expected.becomes:
        owner = f" of {found.values['team_id']}" if found.values else ""
        return [f"is {found.becomes}{owner}, should be {expected.becomes}"]
    return [
        f"{column} is {found.values[column]}, should be {value}"
        for column, value in expected.values.items()
        if found.values[column] != value
    ]


def test_every_row_of_the_logs_is_in_the_table(state: State) -> None:
    assert set(state.found.rows) == {row.place for row in EXPECTED}


def test_teams_pay_for_each_day_what_was_worked_out(state: State) -> None:
    """The daily costs are the sums of the table: nobody pays more, nothing is lost."""
    expected: dict[tuple, list] = defaultdict(lambda: [0, Decimal()])
    for row in EXPECTED:
        if row.becomes == EVENT:
            of_day = expected[row.values["event_at"].date(), row.values["team_id"]]
            of_day[0] += 1
            of_day[1] += row.values["list_cost_usd"] or 0
    found: dict[tuple, list] = defaultdict(lambda: [0, Decimal()])
    for row in state.found.daily:
        of_day = found[row["event_date"], row["team_id"]]
        of_day[0] += row["event_count"]
        of_day[1] += row["list_cost_usd"]
    assert dict(found) == dict(expected)


def test_rows_in_are_events_duplicates_rejects_and_others(state: State) -> None:
    kinds = Counter((row.source, row.becomes.split()[0].rstrip(":")) for row in EXPECTED)
    assert {account["source_name"] for account in state.found.accounts} >= set(IDS)
    for account in state.found.accounts:
        source = account["source_name"]
        assert account["difference_count"] == 0, account
        assert {
            "event": account["event_count"],
            "duplicate": account["duplicate_count"],
            "rejected": account["rejected_count"],
            "other": account["other_row_count"],
        } == {kind: kinds[source, kind] for kind in ("event", "duplicate", "rejected", "other")}


@pytest.mark.parametrize("expected", EXPECTED, ids=_case)
def test_the_table_is_right_about_itself(expected: Expected) -> None:
    """The cost is what the arithmetic beside it gives; a hit's is what was avoided."""
    assert expected.why
    if expected.becomes != EVENT:
        return
    status = expected.values["pricing_status"]
    if status == "unpriced":
        assert expected.values["list_cost_usd"] is None
        return
    is_hit = status == "gateway_cache_hit"
    cost = expected.values["avoided_cost_usd" if is_hit else "list_cost_usd"]
    assert cost == by_hand(expected.cost_by_hand)
    assert not expected.values["list_cost_usd" if is_hit else "avoided_cost_usd"]


def test_every_case_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(map(_case, EXPECTED)).items() if count > 1] == []
