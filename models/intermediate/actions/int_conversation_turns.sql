{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='session_key',
    on_schema_change='fail',
) }}

{#- A conversation is worked on as a whole when it gets a turn, or when another source tells one. #}
{%- set load_ids = pending_load_ids(columns=['batch_id']) %}
{%- set every, summary_tokens = var('summary_every_turns'), var('summary_tokens') %}
{%- set is_touched =
    'session_key is not null' if load_ids is none
    else 'session_key in (select changed_sessions.session_key from changed_sessions)' %}
{%- set count = 'bigint' %}
{#- In the order of the columns of `measured`. #}
{%- set columns = {
    'team_id': dbt.type_string(), 'feature_id': dbt.type_string(), 'turn_position': count,
    'input_tokens': count, 'output_tokens': count, 'history_tokens': count,
    'summary_saved_tokens': count, 'list_cost_usd': type_money(), 'history_cost_usd': type_money(),
    'summary_saved_cost_usd': type_money(), 'summary_cost_usd': type_money(), 'event_date': 'date',
} %}

with {% if load_ids is not none -%}
new_keys as (

    select
        session_key,
        trace_key
    from {{ ref('int_usage_events_recorded') }}
    where {{ is_pending('batch_id', load_ids) }}

    union all

    select
        session_key,
        trace_key
    from {{ ref('int_usage_events_merged') }}
    where {{ is_pending('batch_id', load_ids) }}

),

-- The gateway's session is a trace of its rows, until another source names the conversation.
changed_sessions as (

    select session_key
    from new_keys
    where session_key is not null

    union

    select trace_key as session_key
    from new_keys
    where trace_key is not null

),

{% endif -%}
events as (

    select
        *,
        uncached_input_tokens
        + cache_read_tokens
        + cache_write_5m_tokens
        + cache_write_1h_tokens as input_tokens,
        case when pricing_status = 'priced' then provider end as priced_provider,
        cast(
            ({{ iso_weekday('event_at') }} - 1) * 1440
            + extract(hour from event_at) * 60
            + extract(minute from event_at)
            as integer
        ) as event_minute
    from {{ ref('int_usage_events_resolved') }}
    where
        row_status = 'event'
        and operation = 'chat'
        and {{ is_touched }}

),

prices as (

    select * from {{ ref('int_prices_pivoted') }}

),

turns as (

    select
        *,
        row_number() over (
            partition by session_key order by event_at, load_id, line_number
        ) as turn_position,
        count(*) over (partition by session_key) as turn_count,
        lag(input_tokens) over of_model as last_input_tokens,
        lag(output_tokens - reasoning_tokens) over of_model as last_answer_tokens
    from events
    where input_tokens > 0
    window of_model as (
        partition by session_key, provider, model_id order by event_at, load_id, line_number
    )

),

-- A prompt of less than half of the one before is no continuation of it.
begun as (

    select
        *,
        sum(
            case when input_tokens * 2 >= last_input_tokens then 0 else 1 end
        ) over (
            partition by session_key, provider, model_id
            order by event_at, load_id, line_number
            rows between unbounded preceding and current row
        ) as context_number
    from turns
    where turn_count > 1

),

placed as (

    select
        *,
        row_number() over of_context as context_position,
        first_value(input_tokens) over of_context as first_input_tokens
    from begun
    window of_context as (
        partition by session_key, provider, model_id, context_number
        order by event_at, load_id, line_number
    )

),

remembered as (

    select
        *,
        {{ divide_whole('context_position - 1', every) }} as summary_number,
        case
            when context_position = 1 then 0
            else least(input_tokens, last_input_tokens + last_answer_tokens)
        end as history_tokens
    from placed

),

-- What came before the last summary, and before the one before it.
summarised as (

    select
        *,
        first_value(history_tokens) over (
            partition by session_key, provider, model_id, context_number, summary_number
            order by context_position
        ) as summarised_tokens,
        lag(history_tokens, {{ every }}) over (
            partition by session_key, provider, model_id, context_number
            order by context_position
        ) as earlier_tokens
    from remembered

),

saved as (

    select
        *,
        case
            when summary_number > 0
                then greatest(
                    least(summarised_tokens - {{ summary_tokens }}, history_tokens)
                    - first_input_tokens,
                    0
                )
            else 0
        end as saved_tokens,
        -- A summary reads the first prompt, the summary before it, and what came since.
        case
            when summary_number = 0 or context_position <> summary_number * {{ every }} + 1 then 0
            when summary_number = 1 then greatest(summarised_tokens, first_input_tokens)
            else
                first_input_tokens
                + {{ summary_tokens }}
                + greatest(summarised_tokens - earlier_tokens, 0)
        end as read_tokens
    from summarised

),

costed as (

    select
        saved.*,
        {{ history_cost('saved', 'prices') }} as history_cost,
        {{ money('saved.read_tokens * coalesce(prices.input_price, 0)') }}
        + case
            when saved.read_tokens > 0
                then {{ money(summary_tokens ~ ' * coalesce(prices.output_price, 0)') }}
            else 0
        end as summary_cost,
        coalesce(prices.currency, 'USD') as currency,
        prices.usd_per_unit
    from saved
    left join prices
        on
            saved.priced_provider = prices.provider
            and saved.model_id = prices.model_id
            and saved.service_tier = prices.service_tier
            and coalesce(saved.price_region, '') = prices.region
            and saved.event_at >= prices.valid_from
            and saved.event_at < prices.valid_to
            and saved.input_tokens >= prices.input_tokens_from
            and saved.input_tokens < prices.input_tokens_to
            and saved.event_minute >= prices.minute_from
            and saved.event_minute < prices.minute_to

),

converted as (

    select
        *,
        {{ money(to_usd('history_cost')) }} as history_cost_usd,
        {{ money(to_usd('summary_cost')) }} as summary_cost_usd
    from costed

),

measured as (

    select
        session_key,
        team_id,
        coalesce(feature_id, 'unknown') as feature_id,
        turn_position,
        cast(input_tokens as bigint) as input_tokens,
        cast(output_tokens as bigint) as output_tokens,
        cast(history_tokens as bigint) as history_tokens,
        cast(saved_tokens as bigint) as summary_saved_tokens,
        {{ money('coalesce(list_cost_usd, 0)') }} as list_cost_usd,
        history_cost_usd,
        -- The cast around it all keeps the scale on PostgreSQL.
        cast(
            case
                when saved_tokens > 0
                    then {{ divide_money('history_cost_usd * saved_tokens', 'history_tokens') }}
                else 0
            end
            as {{ type_money() }}
        ) as summary_saved_cost_usd,
        summary_cost_usd,
        event_date,
        {% if load_ids -%}
        cast({{ load_ids | max }} as bigint) as batch_id
        {%- else -%}
        batch_id
        {%- endif %}
    from converted

),

final as (

    select * from measured

    {% if load_ids is not none or is_reading_again(load_ids) -%}
    union all

    -- What is no conversation any more keeps a row without a turn.
    select
        session_key,
        {%- for name, data_type in columns.items() %}
        cast(null as {{ data_type }}) as {{ name }},
        {%- endfor %}
        max(batch_id) as batch_id
    from {{ this }}
    where
        turn_position is not null
        {%- if load_ids is not none %}
        and session_key in (select changed_sessions.session_key from changed_sessions)
        {%- endif %}
        and session_key not in (select measured.session_key from measured)
    group by session_key
    {%- endif %}

    union all

    {{ examined_batches(load_ids, 'session_key', columns, [
        ref('int_usage_events_recorded'), ref('int_usage_events_merged')
    ]) }}

)

select * from final
