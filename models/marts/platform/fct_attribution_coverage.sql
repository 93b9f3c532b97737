{{ config(materialized='view') }}

with daily as (

    select * from {{ ref('int_attribution_daily') }}

),

coverage as (

    select
        event_date,
        team_id,
        attribution_method,
        attribution_method in ({{ quoted(var('weak_attribution_methods')) }}) as is_weak,
        cast(sum(event_count) as bigint) as event_count,
        {{ money('sum(list_cost_usd)') }} as list_cost_usd
    from daily
    group by
        event_date,
        team_id,
        attribution_method

)

select * from coverage
