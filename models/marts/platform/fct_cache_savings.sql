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
        {%- for count in [
            'event_count', 'gateway_cache_hit_count', 'cached_call_count', 'missed_call_count',
            'sent_input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'missed_cache_tokens'
        ] %}
        cast(sum({{ count }}) as bigint) as {{ count }},
        {%- endfor %}
        {%- for amount in [
            'list_cost_usd', 'avoided_cost_usd', 'cache_saving_usd', 'cache_write_cost_usd',
            'missed_saving_usd'
        ] %}
        {{ money('sum(' ~ amount ~ ')') }} as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
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
        event_date,
        team_id,
        feature_id,
        provider,
        model_id,
        event_count,
        gateway_cache_hit_count,
        cached_call_count,
        missed_call_count,
        sent_input_tokens,
        cache_read_tokens,
        cache_write_tokens,
        missed_cache_tokens,
        list_cost_usd,
        avoided_cost_usd,
        cache_saving_usd,
        cache_write_cost_usd,
        {{ money('avoided_cost_usd + cache_saving_usd') }} as saved_usd,
        missed_saving_usd,
        {{ divide_money('gateway_cache_hit_count', 'event_count') }} as gateway_hit_rate,
        {{ divide_money('cache_read_tokens', 'sent_input_tokens') }} as cache_read_rate
    from daily

)

select * from final
