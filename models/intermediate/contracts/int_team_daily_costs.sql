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

-- What the provider bills by use: a call that has a price and costs nothing is under reserved
-- capacity, or at a rate of nothing.
metered as (

    select
        *,
        pricing_status = 'unpriced'
        or (pricing_status = 'priced' and (negotiated_cost_usd > 0 or list_cost_usd = 0))
            as is_metered
    from events

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
        cast(sum(case when is_metered then input_tokens + output_tokens else 0 end) as bigint)
            as metered_tokens,
        cast(sum(case when is_metered then coalesce(request_count, 1) else 0 end) as bigint)
            as metered_requests,
        {{ money('sum(case when is_metered then coalesce(list_cost_usd, 0) else 0 end)') }}
            as metered_list_cost_usd,
        max(free_allowance) as free_allowance,
        {{ money('sum(coalesce(free_allowance_quantity, 0))') }} as free_allowance_quantity,
        {{ money('sum(coalesce(free_allowance_cost_usd, 0))') }} as free_allowance_cost_usd,
        max(last_load_id) as last_load_id
    from metered
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
