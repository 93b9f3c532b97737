{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_id',
    on_schema_change='fail',
) }}

{#- What several records of one call make together: which of them is the event, and what it takes
    from the others. Only calls with more than one record are here: the many others never meet a
    sort. The records are named where they are read: a common table expression that is read three
    times would be written down whole. #}

{%- set load_ids = pending_load_ids() %}
{%- set merged_columns = [
    'trace_key',
    'session_key',
    'feature_id',
    'project',
    'environment',
    'user_id',
    'api_key_id',
    'purpose',
    'eval_scope',
    'eval_suite',
    'eval_run',
] %}
{#- All of the record whose rule is the strongest. #}
{%- set attribution_columns = [
    'attribution_method', 'ownership_rule_id', 'attribution_fix', 'attribution_fix_value',
    'attribution_rank',
] %}
{%- set chosen_columns =
    ['team_id'] + merged_columns + attribution_columns
    + ['action_class', 'action_rank', 'tag_status'] %}
{%- set is_touched =
    '1 = 1' if load_ids is none
    else 'event_id in (select touched_events.event_id from touched_events)' %}
{%- set last_batch_id =
    'cast(' ~ load_ids | max ~ ' as bigint)' if load_ids
    else 'max(batch_id) over (partition by event_id)' %}

with new_rows as (

    select
        event_id,
        source_name,
        load_id,
        line_number,
        batch_id
    from {{ ref('int_usage_events_recorded') }}
    where {{ is_pending('batch_id', load_ids) }}

),

{% if load_ids is not none -%}
known as (

    select * from {{ this }}
    where row_status <> 'examined'

),

touched_events as (

    select event_id
    from new_rows

    union

    -- A row that told another event until now, such as a span whose inner span came late.
    select known.event_id
    from known
    inner join new_rows
        on
            known.source_name = new_rows.source_name
            and known.load_id = new_rows.load_id
            and known.line_number = new_rows.line_number

),

{% endif -%}
repeated_events as (

    select event_id
    from {{ ref('int_usage_events_recorded') }}
    where
        reject_reason is null
        and {{ is_touched }}
    group by event_id
    having count(*) > 1

    {% if load_ids is not none -%}
    union

    -- An event that lost all its records but one stays here, with what is left of it.
    select event_id
    from known
    where {{ is_touched }}
    {% endif %}

),

-- The best record is the event: one with counts before one without.
ranked as (

    select
        recorded.*,
        row_number() over (
            partition by recorded.event_id
            order by
                case
                    when recorded.usage_source = 'missing' then 3
                    when recorded.pricing_status in ('no_usage', 'not_billed') then 2
                    when recorded.usage_source = 'estimated' then 1
                    else 0
                end,
                recorded.source_precedence,
                recorded.repeat_rank,
                recorded.load_id,
                recorded.line_number
        ) as record_rank
    from {{ ref('int_usage_events_recorded') }} as recorded
    inner join repeated_events
        on recorded.event_id = repeated_events.event_id
    where recorded.reject_reason is null

),

-- It takes from the others what it lacks, the best record first.
combined as (

    select
        *,
        first_value(team_id) over by_attribution as merged_team_id,
        {%- for column in attribution_columns %}
        first_value({{ column }}) over by_attribution as merged_{{ column }},
        {%- endfor %}
        first_value(action_class) over by_action as merged_action_class,
        first_value(action_rank) over by_action as merged_action_rank,
        {%- for column in merged_columns %}
        first_value({{ column }}) over (
            partition by event_id
            order by case when {{ column }} is null then 1 else 0 end, record_rank
            rows between unbounded preceding and unbounded following
        ) as merged_{{ column }},
        {%- endfor %}
        {{ merged_tag_status('tag_status', 'event_id') }} as merged_tag_status
    from ranked
    window by_attribution as (
        partition by event_id order by attribution_rank, record_rank
        rows between unbounded preceding and unbounded following
    ),
    by_action as (
        partition by event_id order by action_rank, record_rank
        rows between unbounded preceding and unbounded following
    )

),

merged as (

    select
        ---------- ids
        event_id,
        {%- for column in chosen_columns %}
        case when record_rank = 1 then merged_{{ column }} else {{ column }} end as {{ column }},
        {%- endfor %}

        ---------- strings
        case when record_rank = 1 then 'event' else 'duplicate' end as row_status,

        ---------- load
        source_name,
        load_id,
        line_number,
        {{ last_batch_id }} as batch_id
    from combined

),

-- One row a batch says that it was examined, whether or not anything in it repeats a call.
examined as (

    select
        cast(null as {{ type_uuid() }}) as event_id,
        cast(null as {{ dbt.type_string() }}) as team_id,
        cast(null as {{ type_uuid() }}) as trace_key,
        cast(null as {{ type_uuid() }}) as session_key,
        {%- for column in merged_columns if column not in ['trace_key', 'session_key'] %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as attribution_method,
        cast(null as {{ dbt.type_string() }}) as ownership_rule_id,
        cast(null as {{ dbt.type_string() }}) as attribution_fix,
        cast(null as {{ dbt.type_string() }}) as attribution_fix_value,
        cast(null as integer) as attribution_rank,
        cast(null as {{ dbt.type_string() }}) as action_class,
        cast(null as integer) as action_rank,
        cast(null as {{ dbt.type_string() }}) as tag_status,
        'examined' as row_status,
        source_name,
        batch_id as load_id,
        cast(0 as bigint) as line_number,
        batch_id
    from new_rows
    {% if is_reading_again(load_ids) -%}
    -- Without the table of loads every batch is read again: the row it has stays.
    where not exists (
        select 1
        from {{ this }} as known
        where
            known.row_status = 'examined'
            and known.source_name = new_rows.source_name
            and known.load_id = new_rows.batch_id
    )
    {% endif -%}
    group by
        source_name,
        batch_id

)

select * from merged
union all
select * from examined
