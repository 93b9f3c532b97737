-- Each row is a day whose events or money differ between the events and where they were attributed.
with events as (

    select
        event_date,
        count(*) as event_count,
        sum(coalesce(list_cost_usd, 0)) as list_cost_usd
    from {{ ref('fct_usage_events') }}
    group by event_date

),

coverage as (

    select
        event_date,
        sum(event_count) as event_count,
        sum(list_cost_usd) as list_cost_usd
    from {{ ref('fct_attribution_coverage') }}
    group by event_date

)

select
    coalesce(events.event_date, coverage.event_date) as event_date,
    events.event_count,
    coverage.event_count as attributed_event_count,
    events.list_cost_usd,
    coverage.list_cost_usd as attributed_list_cost_usd
from events
full join coverage
    on events.event_date = coverage.event_date
where
    coalesce(events.event_count, 0) <> coalesce(coverage.event_count, 0)
    or coalesce(events.list_cost_usd, 0) <> coalesce(coverage.list_cost_usd, 0)
