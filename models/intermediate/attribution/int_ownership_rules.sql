{{ config(materialized='table') }}

with default_rules as (

    select * from {{ ref('default_ownership_rules') }}

),

company_rules as (

    select * from {{ ref('ownership_rules') }}

),

team_lookups as (

    select * from {{ ref('int_team_lookups') }}

),

-- A company's rule replaces the default of the same id.
unioned as (

    select
        rule_id,
        priority,
        match_on,
        pattern,
        assign_to,
        coalesce(cast(valid_from as timestamp), {{ first_timestamp() }}) as valid_from,
        coalesce(cast(valid_to as timestamp), {{ last_timestamp() }}) as valid_to
    from company_rules

    union all

    select
        rule_id,
        priority,
        match_on,
        pattern,
        assign_to,
        {{ first_timestamp() }} as valid_from,
        {{ last_timestamp() }} as valid_to
    from default_rules
    where
        {{ text_key('rule_id') }} not in (
            select {{ text_key('company_rules.rule_id') }}
            from company_rules
            where company_rules.rule_id is not null
        )

),

folded as (

    select
        {{ text_key('rule_id') }} as rule_id,
        priority,
        {{ text_key('match_on') }} as match_on,
        {{ text_key('pattern') }} as pattern,
        {{ text_key('assign_to') }} as assign_to,
        valid_from,
        valid_to
    from unioned

),

-- A rule gives a team only while the team is open.
assigned as (

    select
        folded.rule_id,
        folded.priority,
        folded.match_on,
        folded.pattern,
        case
            when folded.assign_to in ('directory', 'unallocated') then folded.assign_to
            else team_lookups.team_id
        end as assign_to,
        greatest(folded.valid_from, coalesce(team_lookups.valid_from, folded.valid_from))
            as valid_from,
        least(folded.valid_to, coalesce(team_lookups.valid_to, folded.valid_to)) as valid_to
    from folded
    left join team_lookups
        on folded.assign_to = team_lookups.lookup_key
    where
        team_lookups.team_id is not null
        or folded.assign_to in ('directory', 'unallocated')

),

ranked as (

    select
        *,
        dense_rank() over (order by priority, rule_id) as rule_rank
    from assigned
    where
        valid_from < valid_to
        and rule_id is not null

)

select
    rule_id,
    rule_rank,
    match_on,
    pattern,
    assign_to,
    valid_from,
    valid_to
from ranked
