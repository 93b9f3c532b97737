{%- set merged_columns = [
    'trace_key',
    'team_id',
    'feature_id',
    'project',
    'environment',
    'user_id',
    'api_key_id',
    'purpose',
    'eval_scope',
    'eval_suite',
    'eval_run',
    'action_class',
    'attribution_method',
    'ownership_rule_id',
    'attribution_fix',
    'attribution_fix_value',
    'attribution_rank',
    'tag_status',
    'batch_id',
] %}

with recorded as (

    select * from {{ ref('int_usage_events_recorded') }}

),

merged as (

    select * from {{ ref('int_usage_events_merged') }}

),

covered_days as (

    select * from {{ ref('int_provider_days_covered') }}

),

-- A merged row counts for the record it was made of, while that record still tells the same event.
resolved as (

    select
        recorded.event_id,
        recorded.source_name,
        recorded.provider,
        recorded.model_id,
        recorded.match_type,
        recorded.price_region,
        recorded.service_tier,
        recorded.operation,
        recorded.status,
        recorded.error_class,
        {%- for column in merged_columns %}
        case
            when merged.event_id is null then recorded.{{ column }}
            else merged.{{ column }}
        end as {{ column }},
        {%- endfor %}
        -- The gateway has no other trace than its session.
        coalesce(
            case
                when merged.event_id is null then recorded.session_key
                else merged.session_key
            end,
            case when recorded.source_name = 'litellm' then recorded.trace_key end
        ) as session_key,
        recorded.usage_source,
        recorded.pricing_status,
        recorded.pricing_currency,
        recorded.free_allowance,
        recorded.reject_reason,
        case
            when recorded.reject_reason = 'told by other spans' then 'other'
            when recorded.reject_reason is not null then 'rejected'
            when merged.row_status = 'duplicate' then 'duplicate'
            when recorded.billed_by = 'gateway' or covered_days.provider is not null
                then 'duplicate'
            else 'event'
        end as row_status,
        case
            when recorded.reject_reason is not null then null
            when merged.row_status = 'duplicate' then 'same call'
            when recorded.billed_by = 'gateway' then 'account billed by the gateway'
            when covered_days.provider is not null then 'day told by gateway or traces'
        end as duplicate_reason,
        recorded.uncached_input_tokens,
        recorded.cache_read_tokens,
        recorded.cache_write_5m_tokens,
        recorded.cache_write_1h_tokens,
        recorded.output_tokens,
        recorded.reasoning_tokens,
        {%- for quantity in rare_quantities() %}
        recorded.{{ quantity }},
        {%- endfor %}
        recorded.list_cost_usd,
        recorded.negotiated_cost_usd,
        recorded.free_allowance_quantity,
        recorded.free_allowance_cost_usd,
        recorded.avoided_cost_usd,
        recorded.cache_saving_usd,
        recorded.cache_write_cost_usd,
        recorded.reported_cost_usd,
        recorded.pricing_currency_list_cost,
        recorded.pricing_currency_negotiated_cost,
        recorded.request_count,
        recorded.is_gateway_cache_hit,
        recorded.is_retry,
        recorded.is_fallback,
        recorded.event_date,
        recorded.event_at,
        recorded.load_id,
        recorded.line_number
    from recorded
    left join merged
        on
            recorded.event_id = merged.event_id
            and recorded.source_name = merged.source_name
            and recorded.load_id = merged.load_id
            and recorded.line_number = merged.line_number
    left join covered_days
        on
            case when recorded.billed_by = 'auto' then recorded.provider end = covered_days.provider
            and recorded.event_date = covered_days.event_date

)

select * from resolved
