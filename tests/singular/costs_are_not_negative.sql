-- Nothing is paid back by a price, an allowance or a discount.
select
    event_date,
    team_id,
    provider,
    model_id,
    service_tier
from {{ ref('fct_team_daily_costs') }}
where
    list_cost_usd < 0
    or list_cost_usd - negotiated_discount_usd < 0
    or free_allowance_usd < 0
    or volume_discount_usd < 0
    or contracted_cost_usd < 0
    or avoided_cost_usd < 0
