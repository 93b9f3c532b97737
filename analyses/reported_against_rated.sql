-- Where does the cost that sources report differ from ours, by how much, and why? The causes are in
-- docs/explanation/reported-and-rated-cost.md.
with reported_costs as (

    select * from {{ ref('fct_reported_costs') }}
    where cause not in ('agrees', 'not_reported')

)

select
    source_name,
    provider,
    model_id,
    service_tier,
    cause,
    sum(event_count) as event_count,
    sum(list_cost_usd) as list_cost_usd,
    sum(reported_cost_usd) as reported_cost_usd,
    sum(difference_usd) as difference_usd
from reported_costs
group by
    source_name,
    provider,
    model_id,
    service_tier,
    cause
order by abs(sum(difference_usd)) desc
