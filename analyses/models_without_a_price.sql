-- Which models are used without a price, how much, and by whom? See docs/reference/prices.md.
with events as (

    select * from {{ ref('fct_usage_events') }}
    where pricing_status = 'unpriced'

)

select
    provider,
    model_id,
    service_tier,
    team_id,
    count(*) as event_count,
    sum(input_tokens) as input_tokens,
    sum(output_tokens) as output_tokens,
    min(event_date) as first_event_date,
    max(event_date) as last_event_date
from events
group by
    provider,
    model_id,
    service_tier,
    team_id
order by event_count desc
