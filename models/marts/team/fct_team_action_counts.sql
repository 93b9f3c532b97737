with summed as (

    select * from {{ ref('int_usage_events_summed') }}

),

model_tiers as (

    select * from {{ ref('model_tiers') }}

),

monthly as (

    select
        {{ month_of('summed.event_date') }} as period,
        summed.team_id,
        summed.action_class,
        coalesce(model_tiers.model_tier, 'unknown') as model_tier,
        {%- for count in [
            'event_count', 'action_count', 'failed_event_count', 'gateway_cache_hit_count',
            'input_tokens', 'output_tokens'
        ] %}
        cast(sum(summed.{{ count }}) as bigint) as {{ count }},
        {%- endfor %}
        {{ money('sum(summed.list_cost_usd)') }} as list_cost_usd,
        {{ money('sum(summed.negotiated_cost_usd)') }} as negotiated_cost_usd
    from summed
    left join model_tiers
        on
            summed.provider = model_tiers.provider
            and summed.model_id = model_tiers.model
    group by
        {{ month_of('summed.event_date') }},
        summed.team_id,
        summed.action_class,
        coalesce(model_tiers.model_tier, 'unknown')

)

select * from monthly
