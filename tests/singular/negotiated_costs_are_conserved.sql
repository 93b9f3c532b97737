-- What negotiated rates leave of the events' cost is in the daily costs, day by day and team by
-- team.
with sides as (

    select
        event_date,
        team_id,
        coalesce(negotiated_cost_usd, 0) as cost_usd
    from {{ ref('fct_usage_events') }}

    union all

    select
        event_date,
        team_id,
        negotiated_discount_usd - list_cost_usd as cost_usd
    from {{ ref('fct_team_daily_costs') }}

)

select
    event_date,
    team_id,
    sum(cost_usd) as difference_usd
from sides
group by
    event_date,
    team_id
having sum(cost_usd) <> 0
