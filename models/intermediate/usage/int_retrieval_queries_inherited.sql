{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['load_id', 'line_number'],
    on_schema_change='fail',
) }}

{#- A query names its trace, not its span: it has what the trace's first span with a feature has,
    and the trace's team. A query is worked on again when its trace gets spans later.
    The spans are named where they are read: a common table expression that is read twice would be
    written down whole. #}
{% set load_ids = pending_load_ids(
    tables=['otel_spans', 'retrieval_queries'],
    columns=['load_id', 'trace_batch_id']
) %}
{% set inherited = inherited_columns() %}
{% set own_columns = [
    'query_id', 'trace_id', 'api_key_id', 'store', 'operation', 'model_name', 'status', 'team_tag',
    'tag_list'
] + inherited + [
    'read_units', 'write_units', 'search_units', 'storage_gb_months', 'egress_bytes', 'embed_tokens',
    'queried_at',
    'load_id', 'line_number'
] %}

with new_queries as (

    select
        {{ own_columns | join(', ') }},
        load_id as batch_id
    from {{ ref('stg_retrieval__queries') }}
    where {{ is_pending('load_id', load_ids) }}

),

{% if load_ids is not none -%}
known as (

    select * from {{ this }}
    where
        trace_id is not null
        and not {{ is_pending('load_id', load_ids) }}

),

changed_traces as (

    -- The known queries first: where there are none, no span is looked at.
    select
        trace_id,
        max(batch_id) as batch_id
    from {{ ref('int_otel_spans_inherited') }}
    where
        trace_id in (select known.trace_id from known)
        and {{ is_pending('batch_id', load_ids) }}
    group by trace_id

),

{% endif -%}
queries as (

    select * from new_queries
    {% if load_ids is not none %}
    union all
    select
        {% for column in own_columns -%}
        known.{{ column }},
        {% endfor -%}
        changed_traces.batch_id
    from known
    inner join changed_traces
        on known.trace_id = changed_traces.trace_id
    where coalesce(known.trace_batch_id <> changed_traces.batch_id, true)
    {% endif %}

),

trace_spans as (

    select
        trace_id,
        trace_team_id,
        {%- for column in inherited %}
        coalesce({{ column }}, inherited_{{ column }}) as inherited_{{ column }},
        {%- endfor %}
        max(batch_id) over (partition by trace_id) as trace_batch_id,
        row_number() over (
            partition by trace_id
            order by
                case when coalesce(feature_tag, inherited_feature_tag) is null then 1 else 0 end,
                started_at,
                span_id,
                load_id,
                line_number
        ) as span_rank
    from {{ ref('int_otel_spans_inherited') }}
    where
        trace_id in (
            select queries.trace_id
            from queries
            where queries.trace_id is not null
        )

),

inheriting as (

    select
        {%- for column in own_columns %}
        queries.{{ column }},
        {%- endfor %}
        {%- for column in inherited %}
        trace_spans.inherited_{{ column }},
        {%- endfor %}
        trace_spans.trace_team_id,
        trace_spans.trace_batch_id,
        queries.batch_id
    from queries
    left join trace_spans
        on
            queries.trace_id = trace_spans.trace_id
            and trace_spans.span_rank = 1

)

select * from inheriting
