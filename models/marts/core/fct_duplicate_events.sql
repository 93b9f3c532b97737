{{ config(materialized='view') }}

with resolved as (

    select * from {{ ref('int_usage_events_resolved') }}
    where row_status = 'duplicate'

),

duplicates as (

    select
        event_id,
        source_name,
        duplicate_reason,
        event_date,
        event_at,
        load_id,
        line_number
    from resolved

)

select * from duplicates
