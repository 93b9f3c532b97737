{#- All events are named where they are read: a common table expression that is read twice would be
    written down whole. #}

-- A bucket that was told again is as it was told last.
with exported as (

    select
        *,
        row_number() over (
            partition by source_name, event_id
            order by load_id desc, line_number desc
        ) as version_rank
    from {{ ref('int_usage_events_resolved') }}
    where
        row_status in ('event', 'duplicate')
        and source_name in ({{ quoted(export_sources()) }})

),

exports as (

    select
        event_date,
        provider,
        model_id,
        sum(request_count) as request_count,
        sum(
            uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens
            + cache_write_1h_tokens
        ) as input_tokens,
        sum(output_tokens) as output_tokens,
        sum(case when row_status = 'event' then 1 else 0 end) as billed_row_count,
        count(*) as row_count
    from exported
    where version_rank = 1
    group by
        event_date,
        provider,
        model_id

),

events as (

    select
        event_date,
        provider,
        model_id,
        count(*) as event_count,
        sum(
            uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens
            + cache_write_1h_tokens
        ) as input_tokens,
        sum(output_tokens) as output_tokens,
        sum(coalesce(list_cost_usd, 0)) as list_cost_usd
    from {{ ref('int_usage_events_resolved') }}
    where
        row_status = 'event'
        and source_name not in ({{ quoted(export_sources()) }})
        and provider in (select exports.provider from exports)
        and event_date in (select exports.event_date from exports)
    group by
        event_date,
        provider,
        model_id

),

compared as (

    select
        coalesce(exports.event_date, events.event_date) as event_date,
        coalesce(exports.provider, events.provider) as provider,
        coalesce(exports.model_id, events.model_id) as model_id,
        cast(exports.request_count as bigint) as export_request_count,
        cast(coalesce(exports.input_tokens, 0) as bigint) as export_input_tokens,
        cast(coalesce(exports.output_tokens, 0) as bigint) as export_output_tokens,
        cast(coalesce(exports.row_count, 0) as bigint) as export_row_count,
        cast(coalesce(exports.billed_row_count, 0) as bigint) as export_billed_row_count,
        cast(coalesce(events.event_count, 0) as bigint) as event_count,
        cast(coalesce(events.input_tokens, 0) as bigint) as event_input_tokens,
        cast(coalesce(events.output_tokens, 0) as bigint) as event_output_tokens,
        {{ money('coalesce(events.list_cost_usd, 0)') }} as event_list_cost_usd
    from exports
    full outer join events
        on
            exports.event_date = events.event_date
            and exports.provider = events.provider
            and exports.model_id = events.model_id

),

final as (

    select
        *,
        export_input_tokens + export_output_tokens - event_input_tokens - event_output_tokens
            as difference_tokens
    from compared

)

select * from final
