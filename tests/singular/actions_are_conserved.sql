-- Each event is one action class of one team and month in fct_team_action_counts.
with sides as (

    select
        {{ month_of('event_date') }} as period,
        team_id,
        action_class,
        1 as event_count,
        coalesce(request_count, 1) as action_count,
        coalesce(list_cost_usd, 0) as list_cost_usd,
        coalesce(negotiated_cost_usd, 0) as negotiated_cost_usd
    from {{ ref('fct_usage_events') }}

    union all

    select
        period,
        team_id,
        action_class,
        -event_count as event_count,
        -action_count as action_count,
        -list_cost_usd as list_cost_usd,
        -negotiated_cost_usd as negotiated_cost_usd
    from {{ ref('fct_team_action_counts') }}

)

select
    period,
    team_id,
    action_class,
    sum(event_count) as event_count_difference,
    sum(action_count) as action_count_difference,
    sum(list_cost_usd) as list_cost_difference_usd,
    sum(negotiated_cost_usd) as negotiated_cost_difference_usd
from sides
group by
    period,
    team_id,
    action_class
having
    sum(event_count) <> 0
    or sum(action_count) <> 0
    or sum(list_cost_usd) <> 0
    or sum(negotiated_cost_usd) <> 0
