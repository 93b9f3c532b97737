"""Checks on who pays: tags, coverage of each team, cost without an owner."""

from __future__ import annotations

from chargeback.gate.checks import Check, Row, Unit
from chargeback.gate.numbers import money, percent, whole

_TAG_COVERAGE = """
with coverage as (
    select
        tag,
        sum(event_count) as event_count,
        sum(missing_event_count + invalid_event_count) as lacking_event_count,
        sum(coalesce(cost_usd, 0)) as cost_usd,
        sum(coalesce(missing_cost_usd, 0) + coalesce(invalid_cost_usd, 0)) as lacking_cost_usd
    from {marts}.fct_tag_coverage
    group by tag
)
select
    requirements.tag as subject,
    requirements.coverage_target as target,
    requirements.severity,
    -- A required tag that is not measured at all is not there.
    case
        when coverage.tag is null then 0
        else
            cast(coverage.%(measure)s - coverage.lacking_%(measure)s as double precision)
            / nullif(cast(coverage.%(measure)s as double precision), 0)
    end as observed,
    coverage.%(measure)s - coverage.lacking_%(measure)s as part,
    coverage.%(measure)s as whole,
    coverage.lacking_cost_usd as money_usd
from {seeds}.tag_requirements as requirements
left join coverage
    on requirements.tag = coverage.tag
order by requirements.tag
"""

_TAG_OFFENDERS = """
with teams as (
    select
        tag,
        team_id,
        sum(event_count) as event_count,
        sum(missing_event_count) as missing_event_count,
        sum(invalid_event_count) as invalid_event_count,
        sum(missing_event_count + invalid_event_count) as lacking_event_count,
        sum(coalesce(missing_cost_usd, 0) + coalesce(invalid_cost_usd, 0)) as lacking_cost_usd
    from {marts}.fct_tag_coverage
    group by tag, team_id
),
ranked as (
    select
        *,
        row_number() over (
            partition by tag order by lacking_%(measure)s desc, team_id
        ) as position
    from teams
    where lacking_%(measure)s > 0
)
select
    ranked.tag as subject,
    coalesce(owners.team_name, ranked.team_id) as label,
    ranked.event_count,
    ranked.missing_event_count,
    ranked.invalid_event_count,
    ranked.lacking_cost_usd as money_usd,
    owners.owner
from ranked
left join {marts}.dim_teams as owners
    on ranked.team_id = owners.team_id
where ranked.position <= 3
order by ranked.tag, ranked.position
"""

_TEAMS_SHORT = """
with team_tags as (
    select
        coverage.team_id,
        coverage.tag,
        requirements.coverage_target - {tolerance} as wanted_share,
        sum(coverage.event_count) as event_count,
        sum(coverage.missing_event_count + coverage.invalid_event_count) as lacking_event_count,
        sum(coalesce(coverage.missing_cost_usd, 0) + coalesce(coverage.invalid_cost_usd, 0))
            as lacking_cost_usd
    from {marts}.fct_tag_coverage as coverage
    inner join {seeds}.tag_requirements as requirements
        on coverage.tag = requirements.tag
    where coverage.team_id <> 'unallocated'
    group by coverage.team_id, coverage.tag, requirements.coverage_target
    having sum(coverage.event_count) >= {min_events}
),
judged as (
    select
        *,
        event_count - lacking_event_count < wanted_share * event_count as is_short
    from team_tags
),
teams as (
    select
        team_id,
        max(case when is_short then 1 else 0 end) as is_short,
        -- An event can lack several tags: the tag that lacks most money counts, once.
        max(case when is_short then lacking_cost_usd else 0 end) as money_usd
    from judged
    group by team_id
)
"""


def _tag_note(row: Row) -> str:
    if row["whole"] is None:
        return "no event measured"
    return f"{whole(row['part'])} of {whole(row['whole'])} events carry it"


def _tag_money_note(row: Row) -> str:
    if row["whole"] is None:
        return "no cost measured"
    return f"{money(row['part'])} of {money(row['whole'])} carries it"


def _tag_offender_note(row: Row) -> str:
    return (
        f"{whole(row['missing_event_count'])} missing, {whole(row['invalid_event_count'])} "
        f"invalid of {whole(row['event_count'])} events"
    )


REQUIRED_TAGS_IN_EVENTS = Check(
    key="required_tags_in_events",
    title="Events tagged {subject}",
    sentence="At least {limit} of events carry a valid '{subject}' tag.",
    fix="Send the tag with every call, or add the value to seeds/company.",
    unit=Unit.SHARE,
    at_least=True,
    has_targets=True,
    sql=_TAG_COVERAGE % {"measure": "event_count"},
    note=_tag_note,
    offenders_sql=_TAG_OFFENDERS % {"measure": "event_count"},
    offender_note=_tag_offender_note,
    needs=("fct_tag_coverage", "dim_teams"),
)

REQUIRED_TAGS_IN_MONEY = Check(
    key="required_tags_in_money",
    title="Cost tagged {subject}",
    sentence="At least {limit} of the list cost carries a valid '{subject}' tag.",
    fix="Send the tag with every call, or add the value to seeds/company.",
    unit=Unit.SHARE,
    at_least=True,
    has_targets=True,
    sql=_TAG_COVERAGE % {"measure": "cost_usd"},
    note=_tag_money_note,
    offenders_sql=_TAG_OFFENDERS % {"measure": "cost_usd"},
    offender_note=_tag_offender_note,
    needs=("fct_tag_coverage", "dim_teams"),
)

TEAM_TAG_COVERAGE = Check(
    key="team_tag_coverage",
    title="Teams short of tags",
    sentence="At most {limit} are below the target of a required tag, less the tolerance.",
    none_sentence="No team is below the target of a required tag, less the tolerance.",
    fix="Ask the team's owner to tag its calls.",
    counted="teams",
    options=(("tolerance", 0.1), ("min_events", 100)),
    sql=_TEAMS_SHORT
    + """
select
    'all teams' as subject,
    sum(is_short) as observed,
    sum(is_short) as part,
    count(*) as whole,
    sum(money_usd) as money_usd
from teams
""",
    note=lambda row: f"of {whole(row['whole'])} teams",
    offenders_sql=_TEAMS_SHORT
    + """
select
    'all teams' as subject,
    coalesce(owners.team_name, judged.team_id) as label,
    judged.tag,
    judged.event_count - judged.lacking_event_count as part,
    judged.event_count as whole,
    judged.wanted_share,
    judged.lacking_cost_usd as money_usd,
    owners.owner
from judged
left join {marts}.dim_teams as owners
    on judged.team_id = owners.team_id
where judged.is_short
order by judged.lacking_cost_usd desc, judged.team_id, judged.tag
limit 5
""",
    offender_note=lambda row: (
        f"'{row['tag']}' valid in {percent(row['part'] / row['whole'])} of events, "
        f"wanted {percent(row['wanted_share'])}"
    ),
    needs=("fct_tag_coverage", "dim_teams"),
)

UNALLOCATED_COST = Check(
    key="unallocated_cost",
    title="Cost without a team",
    sentence="At most {limit} of the list cost belongs to no team.",
    none_sentence="All list cost belongs to a team.",
    fix="Add the API keys to the directory, or tag the calls.",
    unit=Unit.SHARE,
    sql="""
select
    'all events' as subject,
    cast(sum(case when team_id = 'unallocated' then list_cost_usd else 0 end) as double precision)
    / nullif(cast(sum(list_cost_usd) as double precision), 0) as observed,
    sum(case when team_id = 'unallocated' then list_cost_usd else 0 end) as part,
    sum(list_cost_usd) as whole,
    sum(case when team_id = 'unallocated' then list_cost_usd else 0 end) as money_usd
from {marts}.fct_team_daily_costs
""",
    note=lambda row: f"{money(row['part'])} of {money(row['whole'])}",
    offenders_sql="""
select
    'all events' as subject,
    source_name,
    api_key_id as label,
    count(*) as event_count,
    sum(list_cost_usd) as money_usd,
    cast(null as text) as owner
from {marts}.fct_usage_events
where team_id = 'unallocated'
group by source_name, api_key_id
order by coalesce(sum(list_cost_usd), 0) desc, count(*) desc, source_name, api_key_id
limit 3
""",
    offender_note=lambda row: (
        f"{whole(row['event_count'])} events from {row['source_name']}"
        + ("" if row["label"] else ", without an API key")
    ),
    needs=("fct_team_daily_costs", "fct_usage_events"),
)

UNREGISTERED_TEAMS = Check(
    key="unregistered_teams",
    title="Unregistered teams",
    sentence="At most {limit} of the list cost belongs to teams nobody registered.",
    none_sentence="All list cost that has a team belongs to a registered one.",
    fix="Add the team to seeds/company/teams.csv, or its name to team_aliases.csv.",
    unit=Unit.SHARE,
    sql="""
select
    'all events' as subject,
    cast(
        sum(
            case
                when owners.team_source not in ('company', 'built-in') then costs.list_cost_usd
                else 0
            end
        ) as double precision
    )
    / nullif(cast(sum(costs.list_cost_usd) as double precision), 0) as observed,
    sum(
        case
            when owners.team_source not in ('company', 'built-in') then costs.list_cost_usd
            else 0
        end
    ) as part,
    sum(costs.list_cost_usd) as whole,
    sum(
        case
            when owners.team_source not in ('company', 'built-in') then costs.list_cost_usd
            else 0
        end
    ) as money_usd
from {marts}.fct_team_daily_costs as costs
left join {marts}.dim_teams as owners
    on costs.team_id = owners.team_id
""",
    note=lambda row: f"{money(row['part'])} of {money(row['whole'])}",
    offenders_sql="""
select
    'all events' as subject,
    owners.team_name as label,
    owners.team_source,
    sum(costs.event_count) as event_count,
    sum(costs.list_cost_usd) as money_usd,
    cast(null as text) as owner
from {marts}.fct_team_daily_costs as costs
inner join {marts}.dim_teams as owners
    on costs.team_id = owners.team_id
where owners.team_source not in ('company', 'built-in')
group by owners.team_id, owners.team_name, owners.team_source
order by coalesce(sum(costs.list_cost_usd), 0) desc, owners.team_id
limit 3
""",
    offender_note=lambda row: (
        f"{whole(row['event_count'])} events, known only from {row['team_source']}"
    ),
    needs=("fct_team_daily_costs", "dim_teams"),
)

COUNTED_ONCE = Check(
    key="counted_once",
    title="Events counted twice",
    sentence="Every event has one row and so one owner, but for at most {limit}.",
    none_sentence="Every event has one row, and so one owner.",
    fix="Rebuild with ./scripts/build --full-refresh; if it stays, report it.",
    counted="extra rows",
    sql="""
with repeated as (
    select
        count(*) - 1 as extra_count,
        sum(coalesce(list_cost_usd, 0)) - max(coalesce(list_cost_usd, 0)) as extra_cost_usd
    from {marts}.fct_usage_events
    group by event_id
    having count(*) > 1
)
select
    'all events' as subject,
    coalesce(sum(extra_count), 0) as observed,
    coalesce(sum(extra_count), 0) as part,
    cast(null as bigint) as whole,
    coalesce(sum(extra_cost_usd), 0) as money_usd
from repeated
""",
    needs=("fct_usage_events",),
)

KNOWN_OWNERS = Check(
    key="known_owners",
    title="Events of unknown teams",
    sentence="Every event belongs to a team of dim_teams, but for at most {limit}.",
    none_sentence="Every event belongs to a team of dim_teams.",
    fix="Rebuild with ./scripts/build --full-refresh; if it stays, report it.",
    counted="events",
    sql="""
select
    'all events' as subject,
    count(*) as observed,
    count(*) as part,
    cast(null as bigint) as whole,
    coalesce(sum(usage_events.list_cost_usd), 0) as money_usd
from {marts}.fct_usage_events as usage_events
left join {marts}.dim_teams as owners
    on usage_events.team_id = owners.team_id
where owners.team_id is null
""",
    offenders_sql="""
select
    'all events' as subject,
    usage_events.team_id as label,
    count(*) as event_count,
    coalesce(sum(usage_events.list_cost_usd), 0) as money_usd,
    cast(null as text) as owner
from {marts}.fct_usage_events as usage_events
left join {marts}.dim_teams as owners
    on usage_events.team_id = owners.team_id
where owners.team_id is null
group by usage_events.team_id
order by coalesce(sum(usage_events.list_cost_usd), 0) desc, usage_events.team_id
limit 3
""",
    offender_note=lambda row: f"{whole(row['event_count'])} events",
    needs=("fct_usage_events", "dim_teams"),
)

CHECKS = (
    REQUIRED_TAGS_IN_EVENTS,
    REQUIRED_TAGS_IN_MONEY,
    TEAM_TAG_COVERAGE,
    UNALLOCATED_COST,
    UNREGISTERED_TEAMS,
    COUNTED_ONCE,
    KNOWN_OWNERS,
)
