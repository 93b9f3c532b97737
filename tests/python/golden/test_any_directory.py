"""Whatever a company says about itself, every call has one owner and no money appears or is lost.

Random companies own the same logs one after another. CHARGEBACK_COMPANIES says how many; without
it they are always the same few.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from golden.any_company import AnyLogs, companies
from golden.any_warehouse import AnyWarehouse
from golden.company import new_company
from golden.owners import UNALLOCATED, Company, owner
from rules.logs import FIRST, write

pytestmark = pytest.mark.slow
HOW_MANY = os.environ.get("CHARGEBACK_COMPANIES")
LOGS = AnyLogs()
SHOWN = 5
Marts = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyWarehouse]:
    with new_company(tmp_path_factory.mktemp("any"), "duckdb") as built:
        write([LOGS.logs], FIRST, built.project.raw_dir)
        built.load("company")
        yield AnyWarehouse(built)


@settings(
    max_examples=int(HOW_MANY or 6),
    derandomize=not HOW_MANY,
    database=None,
    deadline=None,
    # A smaller company is not worth the builds that finding it takes: the message names the calls.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(company=companies())
def test_any_company_owns_every_call_once(warehouse: AnyWarehouse, company: Company) -> None:
    warehouse.become(company)
    marts = warehouse.marts()
    _no_call_and_no_money_appears_or_is_lost(warehouse.before, marts)
    _owners_sum_to_the_events_of_each_day(marts)
    _every_row_is_accounted_for(marts)
    _every_owner_is_a_team_of_that_time(company, marts)
    _owners_are_those_of_the_rules(warehouse, company, marts)


def _no_call_and_no_money_appears_or_is_lost(before: Marts, after: Marts) -> None:
    def calls(marts: Marts) -> dict:
        return {
            event["event_id"]: (event["event_at"], event["list_cost_usd"])
            for event in marts["fct_usage_events"]
        }

    assert len(calls(after)) == len(after["fct_usage_events"]) == len(LOGS.calls)
    assert calls(after) == calls(before)


def _owners_sum_to_the_events_of_each_day(marts: Marts) -> None:
    """Counts and money, exactly, of each mart that has owners."""
    events = _by_day(marts["fct_usage_events"], None, "list_cost_usd")
    for mart in ("fct_team_daily_costs", "fct_feature_daily_costs"):
        assert _by_day(marts[mart], "event_count", "list_cost_usd") == events, mart
    tags = {row["tag"] for row in marts["fct_tag_coverage"]}
    assert len(tags) == 5
    for tag in tags:
        rows = [row for row in marts["fct_tag_coverage"] if row["tag"] == tag]
        assert _by_day(rows, "event_count", "cost_usd") == events, tag


def _by_day(
    rows: list[dict[str, Any]], count: str | None, money: str
) -> dict[date, tuple[int, Decimal]]:
    counts: dict[date, int] = defaultdict(int)
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for row in rows:
        counts[row["event_date"]] += row[count] if count else 1
        sums[row["event_date"]] += row[money] or 0
    return {day: (counts[day], sums[day]) for day in counts}


def _every_row_is_accounted_for(marts: Marts) -> None:
    for row in marts["fct_row_accounts"]:
        assert row["difference_count"] == 0, row
        parts = ("event_count", "duplicate_count", "rejected_count", "other_row_count")
        assert row["row_count"] == row["load_reject_count"] + sum(row[name] for name in parts)
    assert sum(row["event_count"] for row in marts["fct_row_accounts"]) == len(LOGS.calls)


def _every_owner_is_a_team_of_that_time(company: Company, marts: Marts) -> None:
    teams = {row["team_id"] for row in marts["dim_teams"]}
    open_when = {team.team_id: team.open for team in company.teams}
    for event in marts["fct_usage_events"]:
        team = event["team_id"]
        assert team in teams
        if team == UNALLOCATED:
            assert event["attribution_method"] in ("none", "rule"), event
        else:
            assert open_when[team].holds(event["event_at"]), event


def _owners_are_those_of_the_rules(warehouse: AnyWarehouse, company: Company, marts: Marts) -> None:
    """Each call has the owner that `golden.owners` finds in plain Python."""
    places = warehouse.raw_places()
    found = {
        places[event["source_name"], event["load_id"], event["line_number"]]: (
            event["team_id"],
            event["attribution_method"],
            event["ownership_rule_id"],
        )
        for event in marts["fct_usage_events"]
    }
    place = {rule.rule_id: number for number, rule in enumerate(company.rules)}
    wrong = []
    for name, records in LOGS.calls.items():
        owners = [owner(company, LOGS.traces, record) for record in records]
        # Of several records the one with the better rule gives the owner, then the kept one.
        best = min(owners, key=lambda one: place.get(one.rule_id, len(place)))
        if found[name] != best:
            wrong.append(f"{records}: {found[name]}, should be {best}")
    if wrong:
        more = f"... {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        pytest.fail("\n".join([*wrong[:SHOWN], more, repr(company)]), pytrace=False)
