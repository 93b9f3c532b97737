-- Runs and the events outside of them have the events and the money of the event table, by trace
-- and in all.
with run_events as (

    select * from {{ ref('int_agent_run_events') }}

),

runs as (

    select * from {{ ref('fct_agent_runs') }}

),

usage_events as (

    select * from {{ ref('fct_usage_events') }}

),

monthly_costs as (

    select * from {{ ref('fct_agent_run_costs') }}

),

outside as (

    select
        count(*) as event_count,
        sum(coalesce(run_events.list_cost_usd, 0)) as cost_usd
    from run_events
    left join runs
        on run_events.trace_key = runs.trace_key
    where runs.trace_key is null

),

inside as (

    select
        trace_key,
        count(*) as event_count,
        sum(coalesce(list_cost_usd, 0)) as cost_usd
    from run_events
    group by trace_key

),

sides as (

    select
        'in all' as side,
        count(*) as event_count,
        sum(coalesce(list_cost_usd, 0)) as cost_usd
    from usage_events

    union all

    select
        'in all' as side,
        -event_count as event_count,
        -cost_usd as cost_usd
    from outside

    union all

    select
        'in all' as side,
        -event_count as event_count,
        -list_cost_usd as cost_usd
    from runs

    union all

    select
        'run ' || runs.trace_id as side,
        runs.event_count - coalesce(inside.event_count, 0) as event_count,
        runs.list_cost_usd - coalesce(inside.cost_usd, 0) as cost_usd
    from runs
    left join inside
        on runs.trace_key = inside.trace_key

    union all

    select
        'by month' as side,
        1 as event_count,
        list_cost_usd as cost_usd
    from runs

    union all

    select
        'by month' as side,
        -run_count as event_count,
        -list_cost_usd as cost_usd
    from monthly_costs

)

select
    side,
    sum(event_count) as event_count_difference,
    sum(cost_usd) as cost_difference_usd
from sides
group by side
having sum(event_count) <> 0 or sum(cost_usd) <> 0
