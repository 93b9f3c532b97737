"""Reads a report from the marts. Only sums leave the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from chargeback.errors import ChargebackError
from chargeback.report.model import UNALLOCATED, Account, Coverage, Part, Period, Report, Row, Usage
from chargeback.warehouse import Warehouse

MARTS = (
    "fct_team_daily_costs",
    "fct_tag_coverage",
    "fct_row_accounts",
    "dim_teams",
    "dim_features",
)
PARTS_SHOWN = 3

_MEASURES = """
    sum(costs.event_count) as event_count,
    sum(costs.input_tokens + costs.output_tokens) as token_count,
    sum(coalesce(costs.list_cost_usd, 0)) as list_cost_usd,
    sum(coalesce(costs.contracted_cost_usd, 0)) as contracted_cost_usd,
    sum(coalesce(costs.estimated_cost_usd, 0)) as estimated_cost_usd,
    sum(costs.unpriced_event_count) as unpriced_event_count
"""
_DEAREST_FIRST = "contracted_cost_usd desc, event_count desc, id"
_FEATURE_NAME = """
    case
        when costs.feature_id = 'unknown' then 'No feature'
        else coalesce(min(features.feature_name), costs.feature_id)
    end
"""


@dataclass(frozen=True)
class _Scope:
    """Where to read, and which days and team."""

    schema: str
    seeds: str
    condition: str
    params: tuple[Any, ...]


def read_report(
    warehouse: Warehouse, period: Period | None = None, team_id: str | None = None
) -> Report:
    """Cost per team, or per feature of one team.

    Raises ChargebackError when marts are missing, nothing was built, the period has no events, or
    there is no such team.
    """
    period = period or Period()
    _require_marts(warehouse)
    schema = warehouse.qualified(warehouse.schema)
    seeds = warehouse.qualified(f"{warehouse.schema}_seeds")
    team_name = _team_name(warehouse, schema, team_id) if team_id is not None else None
    condition, params = _condition(period, team_id)
    scope = _Scope(schema, seeds, condition, params)
    first, last = _require_events(warehouse, scope, period, team_id)
    rows = _team_rows(warehouse, scope) if team_id is None else _feature_rows(warehouse, scope)
    return Report(
        subject="team" if team_id is None else "feature",
        period=period,
        first_date=first,
        last_date=last,
        rows=rows,
        accounts=_accounts(warehouse, schema),
        team_id=team_id,
        team_name=team_name,
    )


def _require_marts(warehouse: Warehouse) -> None:
    missing = [
        f"{warehouse.schema}.{name}"
        for name in MARTS
        if not warehouse.has_relation(warehouse.schema, name)
    ]
    if missing:
        raise ChargebackError(
            f"the warehouse has no {', '.join(missing)}: run ./scripts/build (or dbt build) first"
        )


def _require_events(
    warehouse: Warehouse, scope: _Scope, period: Period, team_id: str | None
) -> tuple[date, date]:
    days = "select min(event_date), max(event_date) from {schema}.fct_team_daily_costs as costs"
    [(first, last)] = warehouse.query(
        f"{days.format(schema=scope.schema)} where {scope.condition}", scope.params
    )
    if first is not None:
        return first, last
    [(any_first, any_last)] = warehouse.query(days.format(schema=scope.schema))
    if any_first is None:
        raise ChargebackError(
            "the warehouse has no usage events: put logs into data/raw/<source>/ "
            "(or leave it empty for the sample) and run ./scripts/build"
        )
    team = f" of team {team_id!r}" if team_id is not None else ""
    days_wanted = f"{period.first or 'the beginning'} to {period.last or 'the end'}"
    raise ChargebackError(
        f"no events{team} from {days_wanted}; there are events from {any_first} to {any_last}"
    )


def _condition(period: Period, team_id: str | None) -> tuple[str, tuple[Any, ...]]:
    conditions = ["1 = 1"]
    params: list[Any] = []
    for sql, value in (
        ("costs.event_date >= ?", period.first),
        ("costs.event_date <= ?", period.last),
        ("costs.team_id = ?", team_id),
    ):
        if value is not None:
            conditions.append(sql)
            params.append(value)
    return " and ".join(conditions), tuple(params)


def _team_name(warehouse: Warehouse, schema: str, team_id: str) -> str:
    names = dict(warehouse.query(f"select team_id, team_name from {schema}.dim_teams"))
    if team_id in names:
        return str(names[team_id])
    close = get_close_matches(team_id, names, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(close)}?" if close else f"there are {', '.join(sorted(names))}"
    raise ChargebackError(f"no team has the id {team_id!r}: {hint}")


def _team_rows(warehouse: Warehouse, scope: _Scope) -> list[Row]:
    parts = _parts(
        warehouse,
        f"""
        select
            costs.team_id as row_id,
            costs.feature_id as id,
            {_FEATURE_NAME} as name,
            sum(coalesce(costs.contracted_cost_usd, 0)) as cost_usd,
            sum(costs.event_count) as event_count
        from {scope.schema}.fct_team_daily_costs as costs
        left join {scope.schema}.dim_features as features
            on costs.feature_id = features.feature_id
        where {scope.condition}
        group by costs.team_id, costs.feature_id
        """,
        scope.params,
    )
    coverages = _coverages(warehouse, scope)
    rows = warehouse.query(
        f"""
        select
            costs.team_id as id,
            coalesce(min(teams.team_name), costs.team_id) as name,
            min(teams.owner) as owner,
            coalesce(min(teams.team_source), 'none') in ('company', 'built-in') as is_registered,
            {_MEASURES}
        from {scope.schema}.fct_team_daily_costs as costs
        left join {scope.schema}.dim_teams as teams
            on costs.team_id = teams.team_id
        where {scope.condition}
        group by costs.team_id
        order by case when costs.team_id = '{UNALLOCATED}' then 1 else 0 end, {_DEAREST_FIRST}
        """,
        scope.params,
    )
    return [
        Row(
            id=team_id,
            name=name,
            usage=_usage(measures),
            owner=owner,
            coverage=coverages.get(team_id),
            parts=parts.get(team_id, ()),
            is_registered=is_registered,
        )
        for team_id, name, owner, is_registered, *measures in rows
    ]


def _feature_rows(warehouse: Warehouse, scope: _Scope) -> list[Row]:
    parts = _parts(
        warehouse,
        f"""
        select
            costs.feature_id as row_id,
            costs.model_id as id,
            costs.model_id as name,
            sum(coalesce(costs.contracted_cost_usd, 0)) as cost_usd,
            sum(costs.event_count) as event_count
        from {scope.schema}.fct_team_daily_costs as costs
        where {scope.condition}
        group by costs.feature_id, costs.model_id
        """,
        scope.params,
    )
    rows = warehouse.query(
        f"""
        select
            costs.feature_id as id,
            {_FEATURE_NAME} as name,
            costs.feature_id = 'unknown' or coalesce(bool_or(features.is_registered), false)
                as is_registered,
            {_MEASURES}
        from {scope.schema}.fct_team_daily_costs as costs
        left join {scope.schema}.dim_features as features
            on costs.feature_id = features.feature_id
        where {scope.condition}
        group by costs.feature_id
        order by {_DEAREST_FIRST}
        """,
        scope.params,
    )
    return [
        Row(
            id=feature_id,
            name=name,
            usage=_usage(measures),
            parts=parts.get(feature_id, ()),
            is_registered=is_registered,
        )
        for feature_id, name, is_registered, *measures in rows
    ]


def _parts(warehouse: Warehouse, sql: str, params: Sequence[Any]) -> dict[str, tuple[Part, ...]]:
    """The dearest parts of each row."""
    rows = warehouse.query(
        f"""
        select row_id, id, name, cost_usd
        from (
            select
                parts.*,
                row_number() over (
                    partition by row_id order by cost_usd desc, event_count desc, id
                ) as place
            from ({sql}) as parts
        ) as ranked
        where place <= {PARTS_SHOWN}
        order by row_id, place
        """,
        params,
    )
    found: dict[str, tuple[Part, ...]] = {}
    for row_id, part_id, name, cost in rows:
        part = Part(part_id or "unknown", name or "unknown", Decimal(cost))
        found[row_id] = (*found.get(row_id, ()), part)
    return found


def _coverages(warehouse: Warehouse, scope: _Scope) -> dict[str, Coverage]:
    """Tag coverage of each team over the required tags; empty when no tag is required."""
    if not warehouse.has_relation(f"{warehouse.schema}_seeds", "tag_requirements"):
        return {}
    rows = warehouse.query(
        f"""
        select
            costs.team_id,
            sum(coalesce(costs.cost_usd, 0)) as cost_usd,
            sum(coalesce(costs.missing_cost_usd, 0) + coalesce(costs.invalid_cost_usd, 0))
                as lacking_cost_usd,
            sum(costs.event_count) as event_count,
            sum(costs.missing_event_count + costs.invalid_event_count) as lacking_event_count
        from {scope.schema}.fct_tag_coverage as costs
        inner join {scope.seeds}.tag_requirements as requirements
            on costs.tag = requirements.tag
        where {scope.condition}
        group by costs.team_id
        """,
        scope.params,
    )
    return {
        team_id: Coverage(
            cost_usd=Decimal(cost),
            valid_cost_usd=Decimal(cost) - Decimal(lacking_cost),
            event_count=int(events),
            valid_event_count=int(events) - int(lacking_events),
        )
        for team_id, cost, lacking_cost, events, lacking_events in rows
    }


def _accounts(warehouse: Warehouse, schema: str) -> list[Account]:
    """The account of each source that has rows."""
    rows = warehouse.query(
        f"""
        select
            source_name,
            sum(row_count),
            sum(event_count),
            sum(duplicate_count),
            sum(load_reject_count + rejected_count),
            sum(other_row_count),
            sum(difference_count)
        from {schema}.fct_row_accounts
        where row_count <> 0 or difference_count <> 0
        group by source_name
        order by source_name
        """
    )
    return [Account(name, *(int(count) for count in counts)) for name, *counts in rows]


def _usage(measures: Sequence[Any]) -> Usage:
    events, tokens, list_cost, contracted, estimated, unpriced = measures
    money = map(Decimal, (list_cost, contracted, estimated))
    return Usage(int(events), int(tokens or 0), *money, int(unpriced))
