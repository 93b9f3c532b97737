{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['load_id', 'line_number'],
    on_schema_change='fail',
) }}

{#- User, session and tags are the trace's, and the rows of a trace may come later than its calls:
    the calls of a trace that has something new are worked on again. #}
{% set load_ids = pending_load_ids(
    tables=['langfuse_observations', 'langfuse_traces'],
    columns=['load_id', 'trace_load_id']
) %}
{% set inherited = inherited_columns() + ['team_tag', 'tag_list', 'service_name', 'session_id'] %}
{% set own_inherited = [] %}
{% for column in inherited %}
{% do own_inherited.append('own_' ~ column ~ ' as ' ~ column) %}
{% endfor %}
{% set own_columns = [
    'observation_id', 'trace_id', 'parent_observation_id', 'response_id', 'observation_type',
    'operation', 'provider_name', 'model_name', 'service_tier_name', 'status', 'error_class',
    'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
    'cache_write_1h_tokens', 'reasoning_tokens', 'input_audio_tokens', 'output_audio_tokens',
    'cache_read_audio_tokens', 'input_image_tokens', 'cache_read_image_tokens',
    'output_image_tokens',
    'input_characters', 'output_characters', 'reported_cost_usd', 'has_usage', 'started_at',
    'load_id', 'line_number'
] %}

with recursive new_calls as (

    select {{ (own_columns + inherited) | join(', ') }}
    from {{ ref('stg_langfuse__observations') }}
    where can_be_call and {{ is_pending('load_id', load_ids) }}

),

{% if load_ids is not none -%}
changed_traces as (

    select trace_id
    from new_calls

    union

    select trace_id
    from {{ ref('stg_langfuse__traces') }}
    where {{ is_pending('load_id', load_ids) }}

),

{% endif -%}
calls as (

    select * from new_calls
    {% if load_ids is not none %}
    union all
    select
        {{ own_columns | join(', ') }},
        {{ own_inherited | join(', ') }}
    from {{ this }}
    where
        trace_id in (select changed_traces.trace_id from changed_traces)
        and not {{ is_pending('load_id', load_ids) }}
    {% endif %}

),

typed as (

    select
        *,
        coalesce(trace_id, observation_id) as trace_name,
        observation_type not in (
            'GENERATION', 'EMBEDDING', 'TOOL', 'RETRIEVER', 'EVALUATOR', 'GUARDRAIL'
        ) as is_total,
        -- An observation may be exported again when it is complete.
        coalesce(
            response_id, max(response_id) over (partition by trace_id, observation_id)
        ) as call_response_id,
        row_number() over (
            partition by trace_id, observation_id
            order by case when has_usage then 0 else 1 end, load_id, line_number
        ) as version_rank
    from calls

),

-- What an agent used in all is told by its calls, if there is one.
told as (

    select
        *,
        max(
            case
                when is_total then 0
                when has_usage then 1
                when
                    observation_type in ('GENERATION', 'EMBEDDING')
                    and status <> 'failure'
                    and coalesce(input_characters, output_characters) is not null
                    then 1
                else 0
            end
        ) over (partition by trace_name) = 1 as has_told_call
    from typed

),

inner_totals as (

    select
        outer_rows.trace_name,
        outer_rows.observation_id
    from told as outer_rows
    inner join told as inner_rows
        on
            outer_rows.trace_name = inner_rows.trace_name
            and outer_rows.observation_id = inner_rows.parent_observation_id
    where outer_rows.is_total
    group by outer_rows.trace_name, outer_rows.observation_id

),

-- A generation around one of the same model tells the same call.
pairs as (

    select
        outer_rows.trace_name,
        outer_rows.observation_id,
        min(inner_rows.observation_id) as inner_observation_id
    from told as outer_rows
    inner join told as inner_rows
        on
            outer_rows.trace_name = inner_rows.trace_name
            and outer_rows.observation_id = inner_rows.parent_observation_id
            and outer_rows.operation = inner_rows.operation
    where
        outer_rows.version_rank = 1
        and inner_rows.version_rank = 1
        and not outer_rows.is_total
        and not inner_rows.is_total
        and outer_rows.observation_id <> inner_rows.observation_id
        and (inner_rows.has_usage or not outer_rows.has_usage)
        and coalesce(
            outer_rows.call_response_id = inner_rows.call_response_id,
            {{ is_same_model(
                'outer_rows.model_name', 'inner_rows.model_name',
                'outer_rows.model_name', 'inner_rows.model_name'
            ) }}
        )
    group by
        outer_rows.trace_name,
        outer_rows.observation_id
    having count(*) = 1

),

kept as (

    select
        pairs.trace_name,
        pairs.observation_id,
        pairs.inner_observation_id as kept_observation_id
    from pairs
    left join pairs as below
        on
            pairs.trace_name = below.trace_name
            and pairs.inner_observation_id = below.observation_id
    where below.observation_id is null

    union all

    select
        pairs.trace_name,
        pairs.observation_id,
        kept.kept_observation_id
    from kept
    inner join pairs
        on
            kept.trace_name = pairs.trace_name
            and kept.observation_id = pairs.inner_observation_id

),

resolved as (

    select
        told.*,
        kept.kept_observation_id,
        max(case when {{ is_pending('told.load_id', load_ids) }} then told.load_id end) over (
            partition by told.trace_name
        ) as new_load_id,
        max(told.call_response_id) over (
            partition by told.trace_name, coalesce(kept.kept_observation_id, told.observation_id)
        ) as kept_response_id,
        case
            when told.observation_type in ('GENERATION', 'EMBEDDING') then true
            when not told.has_usage then false
            else
                not told.is_total
                or (not told.has_told_call and inner_totals.observation_id is null)
        end as is_call
    from told
    left join kept
        on
            told.trace_name = kept.trace_name
            and told.observation_id = kept.observation_id
    left join inner_totals
        on
            told.trace_name = inner_totals.trace_name
            and told.observation_id = inner_totals.observation_id

),

trace_versions as (

    select
        *,
        row_number() over (
            partition by trace_id
            order by load_id desc, line_number desc
        ) as version_rank
    from {{ ref('stg_langfuse__traces') }}
    where trace_id in (select calls.trace_id from calls)

),

inheriting as (

    select
        {%- for column in own_columns %}
        resolved.{{ column }},
        {%- endfor %}
        {%- for column in inherited %}
        resolved.{{ column }} as own_{{ column }},
        {%- if column == 'tag_list' %}
        -- Both lists, to be searched one after the other.
        nullif(coalesce(resolved.tag_list, '') || coalesce(trace_versions.tag_list, ''), '')
            as tag_list,
        {%- else %}
        coalesce(resolved.{{ column }}, trace_versions.{{ column }}) as {{ column }},
        {%- endif %}
        {%- endfor %}
        resolved.call_response_id,
        resolved.kept_observation_id,
        resolved.kept_response_id,
        resolved.is_total,
        resolved.is_call,
        trace_versions.load_id as trace_load_id,
        {% if load_ids -%}
        -- The newest load that had something new of its trace.
        coalesce(
            greatest(
                resolved.new_load_id,
                case
                    when {{ is_pending('trace_versions.load_id', load_ids) }}
                        then trace_versions.load_id
                end
            ),
            cast({{ load_ids | max }} as bigint)
        ) as batch_id
        {%- else -%}
        resolved.load_id as batch_id
        {%- endif %}
    from resolved
    left join trace_versions
        on
            resolved.trace_id = trace_versions.trace_id
            and trace_versions.version_rank = 1

)

select * from inheriting
