{#- A call that the gateway and a trace both recorded ran in that trace, whatever session the
    gateway gave it. #}

with resolved as (

    select * from {{ ref('int_usage_events_resolved') }}
    where row_status = 'event'

),

merged as (

    select * from {{ ref('int_usage_events_merged') }}

),

told as (

    select
        event_id,
        trace_key,
        row_number() over (
            partition by event_id
            order by
                case when source_name = 'otel' then 0 else 1 end,
                load_id,
                line_number
        ) as record_rank
    from merged
    where source_name in ('otel', 'langfuse') and trace_key is not null

),

traced as (

    select
        resolved.event_id,
        coalesce(told.trace_key, resolved.trace_key) as trace_key,
        resolved.team_id,
        coalesce(resolved.feature_id, 'unknown') as feature_id,
        resolved.source_name,
        resolved.model_id,
        resolved.operation,
        resolved.status,
        resolved.pricing_status,
        resolved.uncached_input_tokens
        + resolved.cache_read_tokens
        + resolved.cache_write_5m_tokens
        + resolved.cache_write_1h_tokens as input_tokens,
        resolved.output_tokens,
        resolved.list_cost_usd,
        resolved.negotiated_cost_usd,
        resolved.is_retry,
        resolved.is_fallback,
        resolved.error_class,
        told.event_id is not null or resolved.source_name in ('otel', 'langfuse') as is_traced,
        resolved.event_date,
        resolved.event_at,
        resolved.load_id,
        resolved.line_number,
        resolved.batch_id
    from resolved
    left join told
        on
            resolved.event_id = told.event_id
            and told.record_rank = 1

)

select * from traced
