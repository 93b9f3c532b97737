{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date',
    pre_hook="{{ delete_gone_dates(ref('int_usage_event_days')) }}",
    on_schema_change='fail',
) }}

with events as (

    select * from {{ ref('fct_usage_events') }}
    {% if is_incremental() -%}
    where event_date in ({{ changed_dates(ref('int_usage_event_days')) }})
    {%- endif %}

),

daily as (

    select
        event_date,
        team_id,
        feature_id,
        project,
        environment,
        purpose,
        provider,
        model_id,
        service_tier,
        action_class,
        attribution_method,
        {{ daily_measures() }},
        cast(
            sum(
                case
                    when pricing_status in ('gateway_cache_hit', 'not_billed') then 0
                    else coalesce(request_count, 1)
                end
            ) as bigint
        ) as provider_requests,
        cast(
            sum(
                case
                    when pricing_status in ('gateway_cache_hit', 'not_billed') then 0
                    else input_tokens + output_tokens
                end
            ) as bigint
        ) as provider_tokens,
        max(free_allowance) as free_allowance,
        {{ money('sum(coalesce(free_allowance_quantity, 0))') }} as free_allowance_quantity,
        {{ money('sum(coalesce(free_allowance_cost_usd, 0))') }} as free_allowance_cost_usd,
        max(last_load_id) as last_load_id
    from events
    group by
        event_date,
        team_id,
        feature_id,
        project,
        environment,
        purpose,
        provider,
        model_id,
        service_tier,
        action_class,
        attribution_method

)

select * from daily
