{{ config(materialized='table') }}

{#- Looked at once here, and not by every daily mart: only these three columns of all events. #}

with events as (

    select
        event_date,
        batch_id
    from {{ ref('int_usage_events_resolved') }}
    where row_status = 'event'

),

days as (

    select
        event_date,
        count(*) as event_count,
        max(batch_id) as last_load_id
    from events
    group by event_date

)

select * from days
