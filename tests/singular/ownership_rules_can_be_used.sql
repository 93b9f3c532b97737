-- Each row is a line of the seed `ownership_rules` that cannot do what it says, and why.
with rules as (

    select
        {{ text_key('rule_id') }} as rule_id,
        priority,
        {{ text_key('match_on') }} as match_on,
        {{ text_key('assign_to') }} as assign_to,
        valid_from,
        valid_to
    from {{ ref('ownership_rules') }}

),

team_lookups as (

    select * from {{ ref('int_team_lookups') }}

),

counted as (

    select
        rule_id,
        count(distinct priority) as priority_count,
        count(distinct assign_to) as assigned_count,
        count(distinct coalesce(valid_from, {{ first_timestamp() }})) as start_count,
        count(distinct coalesce(valid_to, {{ last_timestamp() }})) as end_count,
        min(assign_to) as assign_to,
        count(case
            when match_on in ({{ quoted(ownership_methods()) }}) then 1
        end) as method_count
    from rules
    group by rule_id

),

problems as (

    select
        rule_id,
        'its lines differ in priority, assign_to or dates' as problem
    from counted
    where priority_count > 1 or assigned_count > 1 or start_count > 1 or end_count > 1

    union all

    select
        rule_id,
        'directory needs exactly one line that matches on {{ ownership_methods() | join(', ') }}'
            as problem
    from counted
    where assign_to = 'directory' and method_count <> 1

    union all

    select
        rules.rule_id,
        'assign_to is no team: ' || rules.assign_to as problem
    from rules
    left join team_lookups
        on rules.assign_to = team_lookups.lookup_key
    where
        team_lookups.team_id is null
        and rules.assign_to not in ('directory', 'unallocated', 'off')

    union all

    select
        rule_id,
        'it ends before it begins' as problem
    from rules
    where valid_to <= valid_from

)

select distinct
    rule_id,
    problem
from problems
