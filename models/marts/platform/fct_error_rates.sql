{%- set kinds = {
    'abandoned_stream': 'abandoned_event_count',
    'failed_retry': 'failed_retry_event_count',
    'failed_call': 'failed_call_event_count',
    'fallback': 'fallback_event_count',
    'retry': 'retry_event_count',
} %}

with summed as (

    select * from {{ ref('int_usage_events_summed') }}

),

daily as (

    select
        event_date,
        team_id,
        feature_id,
        provider,
        model_id,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(failed_event_count) as bigint) as failed_event_count,
        {%- for kind, column in kinds.items() %}
        cast(sum(case when waste_kind = '{{ kind }}' then event_count else 0 end) as bigint)
            as {{ column }},
        {%- endfor %}
        {{ money('sum(list_cost_usd)') }} as list_cost_usd,
        {{ money(
            "sum(case when waste_kind in ('none', 'fallback', 'retry') then 0 else list_cost_usd end)"
        ) }} as wasted_cost_usd
    from summed
    group by
        event_date,
        team_id,
        feature_id,
        provider,
        model_id

),

final as (

    select
        *,
        {{ divide_money('failed_event_count', 'event_count') }} as failure_rate,
        {{ ratio('wasted_cost_usd', 'list_cost_usd') }} as wasted_cost_rate,
        event_count >= {{ var('error_alert_min_events') }}
        and failed_event_count > event_count * {{ var('error_alert_rate') }} as is_alert
    from daily

)

select * from final
