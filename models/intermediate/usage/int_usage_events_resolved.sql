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
    'attribution_method',
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

-- A merged row counts for the record it was made of, while that record still tells the same event.
resolved as (

    select
        recorded.event_id,
        recorded.source_name,
        recorded.provider,
        recorded.model_id,
        recorded.service_tier,
        recorded.operation,
        recorded.action_class,
        recorded.status,
        recorded.error_class,
        {%- for column in merged_columns %}
        case
            when merged.event_id is null then recorded.{{ column }}
            else merged.{{ column }}
        end as {{ column }},
        {%- endfor %}
        recorded.usage_source,
        recorded.pricing_status,
        recorded.reject_reason,
        case
            when recorded.reject_reason = 'told by other spans' then 'other'
            when recorded.reject_reason is not null then 'rejected'
            else coalesce(merged.row_status, 'event')
        end as row_status,
        recorded.uncached_input_tokens,
        recorded.cache_read_tokens,
        recorded.cache_write_5m_tokens,
        recorded.cache_write_1h_tokens,
        recorded.output_tokens,
        recorded.reasoning_tokens,
        recorded.input_audio_tokens,
        recorded.output_audio_tokens,
        recorded.output_images,
        recorded.search_units,
        recorded.read_units,
        recorded.write_units,
        recorded.egress_bytes,
        recorded.list_cost_usd,
        recorded.avoided_cost_usd,
        recorded.reported_cost_usd,
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

)

select * from resolved
