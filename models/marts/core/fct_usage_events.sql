{{ config(materialized='view') }}

with resolved as (

    select * from {{ ref('int_usage_events_resolved') }}
    where row_status = 'event'

),

events as (

    select
        ---------- ids
        event_id,
        trace_key,
        session_key,
        team_id,
        coalesce(feature_id, 'unknown') as feature_id,
        coalesce(project, 'unknown') as project,
        user_id,
        api_key_id,

        ---------- strings
        source_name,
        provider,
        model_id,
        match_type,
        price_region,
        service_tier,
        operation,
        action_class,
        status,
        error_class,
        coalesce(environment, 'unknown') as environment,
        coalesce(purpose, 'production') as purpose,
        eval_scope,
        eval_suite,
        eval_run,
        attribution_method,
        ownership_rule_id,
        attribution_fix,
        attribution_fix_value,
        usage_source,
        pricing_status,
        pricing_currency,
        free_allowance,
        tag_status,

        ---------- numerics
        uncached_input_tokens
        + cache_read_tokens
        + cache_write_5m_tokens
        + cache_write_1h_tokens as input_tokens,
        uncached_input_tokens,
        cache_read_tokens,
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        output_tokens,
        reasoning_tokens,
        {% for quantity in rare_quantities() -%}
        coalesce({{ quantity }}, 0) as {{ quantity }},
        {% endfor -%}
        list_cost_usd,
        negotiated_cost_usd,
        free_allowance_quantity,
        free_allowance_cost_usd,
        avoided_cost_usd,
        cache_saving_usd,
        cache_write_cost_usd,
        reported_cost_usd,
        pricing_currency_list_cost,
        pricing_currency_negotiated_cost,
        request_count,

        ---------- booleans
        is_gateway_cache_hit,
        is_retry,
        is_fallback,

        ---------- dates
        event_date,

        ---------- timestamps
        event_at,

        ---------- load
        load_id,
        line_number,
        batch_id as last_load_id
    from resolved

)

select * from events
