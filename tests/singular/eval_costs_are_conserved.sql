-- Each eval is in fct_eval_costs once, and what team and platform pay is what it costs.
with sides as (

    select
        {{ month_of('event_date') }} as period,
        team_id,
        1 as event_count,
        coalesce(list_cost_usd, 0) as list_cost_usd,
        coalesce(list_cost_usd, 0) as paid_usd
    from {{ ref('fct_usage_events') }}
    where action_class = 'eval_run'

    union all

    select
        period,
        team_id,
        -event_count as event_count,
        -list_cost_usd as list_cost_usd,
        -team_cost_usd - platform_cost_usd as paid_usd
    from {{ ref('fct_eval_costs') }}

)

select
    period,
    team_id,
    sum(event_count) as event_count_difference,
    sum(list_cost_usd) as list_cost_difference_usd,
    sum(paid_usd) as paid_difference_usd
from sides
group by
    period,
    team_id
having
    sum(event_count) <> 0
    or sum(list_cost_usd) <> 0
    or sum(paid_usd) <> 0
