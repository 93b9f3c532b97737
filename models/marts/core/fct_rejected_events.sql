{{ config(materialized='view') }}

with resolved as (

    select * from {{ ref('int_usage_events_resolved') }}
    where row_status = 'rejected'

),

rejected as (

    select
        event_id,
        source_name,
        reject_reason,
        provider,
        model_id,
        api_key_id,
        user_id,
        reported_cost_usd,
        event_at,
        load_id,
        line_number
    from resolved

)

select * from rejected
