with summed as (

    select * from {{ ref('int_usage_events_summed') }}
    where waste_kind <> 'none'

),

daily as (

    select
        event_date,
        team_id,
        feature_id,
        provider,
        model_id,
        waste_kind,
        error_class,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(input_tokens) as bigint) as input_tokens,
        cast(sum(output_tokens) as bigint) as output_tokens,
        {{ money('sum(list_cost_usd)') }} as list_cost_usd,
        -- A call that was tried again, or that another model answered, was worth its cost.
        {{ money(
            "sum(case when waste_kind in ('fallback', 'retry') then 0 else list_cost_usd end)"
        ) }} as wasted_cost_usd
    from summed
    group by
        event_date,
        team_id,
        feature_id,
        provider,
        model_id,
        waste_kind,
        error_class

)

select * from daily
