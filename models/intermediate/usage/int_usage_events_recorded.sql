{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['source_name', 'load_id', 'line_number'],
    on_schema_change='fail',
) }}

{#- The one physical event table: every row of a source that can be a call is in it once, as it was
    recorded. What several records of one call make together is in `int_usage_events_merged`. #}

{%- set load_ids = pending_load_ids() %}

with rated as (

    select * from {{ ref('int_usage_events_rated') }}
    where {{ is_pending('batch_id', load_ids) }}

),

recorded as (

    select
        ---------- ids
        event_id,
        trace_key,
        session_key,
        team_id,
        feature_id,
        project,
        user_id,
        api_key_id,

        ---------- strings
        source_name,
        provider,
        model_id,
        match_type,
        nullif(price_region, '') as price_region,
        service_tier,
        operation,
        action_class,
        status,
        error_class,
        environment,
        purpose,
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
        billed_by,
        reject_reason,

        ---------- numerics
        source_precedence,
        repeat_rank,
        attribution_rank,
        action_rank,
        uncached_input_tokens,
        cache_read_tokens,
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        output_tokens,
        reasoning_tokens,
        -- Nulls take no room.
        {% for quantity in rare_quantities() -%}
        nullif({{ quantity }}, 0) as {{ quantity }},
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
        batch_id
    from rated

)

select * from recorded
