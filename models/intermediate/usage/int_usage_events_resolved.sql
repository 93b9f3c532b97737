{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['source_name', 'load_id', 'line_number'],
    on_schema_change='fail',
) }}

{#- The one physical event table: every row of a source that can be a call ends here exactly once, as
    an event, as a duplicate of one, or rejected. `fct_usage_events`, `fct_duplicate_events` and
    `fct_rejected_events` are views of it. #}

{%- set load_ids = pending_load_ids() %}
{%- set kept_columns = [
    'event_id', 'trace_key', 'source_name', 'provider', 'model_id', 'service_tier', 'operation', 'action_class',
    'status', 'error_class', 'team_id', 'feature_id', 'project', 'environment', 'user_id', 'api_key_id', 'purpose',
    'eval_scope', 'attribution_method', 'usage_source', 'pricing_status', 'tag_status', 'reject_reason',
    'source_precedence', 'repeat_rank', 'attribution_rank', 'uncached_input_tokens', 'cache_read_tokens',
    'cache_write_5m_tokens', 'cache_write_1h_tokens', 'output_tokens', 'reasoning_tokens', 'input_audio_tokens',
    'output_audio_tokens', 'output_images', 'search_units', 'read_units', 'write_units', 'egress_bytes',
    'list_cost_usd', 'avoided_cost_usd', 'reported_cost_usd', 'is_gateway_cache_hit', 'is_retry', 'is_fallback',
    'event_date', 'event_at', 'load_id', 'line_number', 'batch_id'
] %}
{%- set merged_columns = ['trace_key', 'feature_id', 'project', 'environment', 'user_id', 'api_key_id', 'purpose',
    'eval_scope'] %}

with new_rows as (

    select
        {{ kept_columns | join(',\n        ') }}
    from {{ ref('int_usage_events_rated') }}
    where {{ is_pending('batch_id', load_ids) }}

),

{% if load_ids is not none -%}
touched_events as (

    select event_id
    from new_rows

    union

    -- A row that told another event until now, such as a span whose inner span came late.
    select known.event_id
    from {{ this }} as known
    inner join new_rows
        on
            known.source_name = new_rows.source_name
            and known.load_id = new_rows.load_id
            and known.line_number = new_rows.line_number

),

known_rows as (

    select
        {%- for column in kept_columns if column != 'batch_id' %}
        {{ column }},
        {%- endfor %}
        {% if load_ids -%}
        cast({{ load_ids | max }} as bigint) as batch_id
        {%- else -%}
        batch_id
        {%- endif %}
    from {{ this }}
    where event_id in (select touched_events.event_id from touched_events)

),

other_known_rows as (

    select known_rows.*
    from known_rows
    left join new_rows
        on
            known_rows.source_name = new_rows.source_name
            and known_rows.load_id = new_rows.load_id
            and known_rows.line_number = new_rows.line_number
    where new_rows.load_id is null

),
{%- endif %}

candidates as (

    select * from new_rows
    {% if load_ids is not none -%}
    union all
    select * from other_known_rows
    {%- endif %}

),

repeated_ids as (

    select event_id
    from candidates
    where reject_reason is null
    group by event_id
    having count(*) > 1

),

single_rows as (

    select
        candidates.*,
        case when candidates.reject_reason is null then 'event' else 'rejected' end as row_status
    from candidates
    left join repeated_ids
        on candidates.event_id = repeated_ids.event_id
    where
        repeated_ids.event_id is null
        or candidates.reject_reason is not null

),

-- One call recorded several times: the best record is the event, and takes from the others what it lacks.
ranked_rows as (

    select
        candidates.*,
        row_number() over (
            partition by candidates.event_id
            order by
                case when candidates.usage_source = 'missing' then 1 else 0 end,
                candidates.source_precedence,
                candidates.repeat_rank,
                candidates.load_id,
                candidates.line_number
        ) as record_rank
    from candidates
    inner join repeated_ids
        on candidates.event_id = repeated_ids.event_id
    where candidates.reject_reason is null

),

merged_rows as (

    select
        *,
        first_value(team_id) over by_attribution as merged_team_id,
        first_value(attribution_method) over by_attribution as merged_attribution_method,
        first_value(attribution_rank) over by_attribution as merged_attribution_rank,
        {%- for column in merged_columns %}
        first_value({{ column }}) over (
            partition by event_id
            order by case when {{ column }} is null then 1 else 0 end, record_rank
            rows between unbounded preceding and unbounded following
        ) as merged_{{ column }},
        {%- endfor %}
        {{ merged_tag_status('tag_status', 'event_id') }} as merged_tag_status
    from ranked_rows
    window by_attribution as (
        partition by event_id order by attribution_rank, record_rank
        rows between unbounded preceding and unbounded following
    )

),

repeated_rows as (

    select
        {%- for column in kept_columns %}
        {%- if column in merged_columns or column in ['team_id', 'attribution_method', 'attribution_rank', 'tag_status'] %}
        case when record_rank = 1 then merged_{{ column }} else {{ column }} end as {{ column }},
        {%- elif column == 'batch_id' %}
        max(batch_id) over (partition by event_id) as batch_id,
        {%- else %}
        {{ column }},
        {%- endif %}
        {%- endfor %}
        case when record_rank = 1 then 'event' else 'duplicate' end as row_status
    from merged_rows

),

resolved as (

    select * from single_rows
    union all
    select * from repeated_rows

)

select * from resolved
