-- Where does the source's own cost differ from ours, and by how much? The classes are explained in
-- docs/explanation/reported-and-rated-cost.md.
with events as (

    select * from {{ ref('fct_usage_events') }}
    where reported_cost_usd is not null

)

select
    source_name,
    provider,
    model_id,
    service_tier,
    pricing_status,
    usage_source,
    count(*) as event_count,
    sum(list_cost_usd) as list_cost_usd,
    sum(reported_cost_usd) as reported_cost_usd,
    sum(list_cost_usd) - sum(reported_cost_usd) as difference_usd
from events
where
    list_cost_usd is null
    or abs(list_cost_usd - reported_cost_usd) > 0.000000000001
group by
    source_name,
    provider,
    model_id,
    service_tier,
    pricing_status,
    usage_source
order by event_count desc
