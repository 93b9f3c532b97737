-- What is agreed leads from list to contracted cost row by row, and features have what teams have.
with sides as (

    select
        'team' as mart,
        event_date,
        team_id,
        list_cost_usd - negotiated_discount_usd - free_allowance_usd - volume_discount_usd
        - contracted_cost_usd as difference_usd
    from {{ ref('fct_team_daily_costs') }}

    union all

    select
        'feature' as mart,
        event_date,
        team_id,
        contracted_cost_usd as difference_usd
    from {{ ref('fct_team_daily_costs') }}

    union all

    select
        'feature' as mart,
        event_date,
        team_id,
        -contracted_cost_usd as difference_usd
    from {{ ref('fct_feature_daily_costs') }}

)

select
    mart,
    event_date,
    team_id,
    sum(difference_usd) as difference_usd
from sides
group by
    mart,
    event_date,
    team_id
having sum(difference_usd) <> 0
