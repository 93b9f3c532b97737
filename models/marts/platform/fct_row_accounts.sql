{%- set tables = {
    'litellm': {'table_name': 'litellm_spend_logs', 'rows': 'stg_litellm__spend_logs'},
    'otel': {'table_name': 'otel_spans', 'rows': 'stg_otel__spans'},
    'langfuse': {'table_name': 'langfuse_observations', 'rows': 'stg_langfuse__observations'},
    'bedrock': {'table_name': 'bedrock_invocations', 'rows': 'stg_bedrock__invocations'},
    'openai': {'table_name': 'openai_usage', 'rows': 'stg_openai__usage'},
    'anthropic': {'table_name': 'anthropic_usage', 'rows': 'stg_anthropic__usage'},
    'retrieval': {'table_name': 'retrieval_queries', 'rows': 'stg_retrieval__queries'},
} %}

with resolved as (

    select
        source_name,
        row_status,
        count(*) as row_count
    from {{ ref('int_usage_events_resolved') }}
    group by
        source_name,
        row_status

),

loads as (

    select * from {{ ref('stg_loads__loads') }}

),

-- Rows that are no calls: spans of requests and agents, Langfuse's steps.
other_rows as (

    select
        'otel' as source_name,
        count(*) as row_count
    from {{ ref('int_otel_spans_inherited') }}
    where not is_call

    union all

    select
        'langfuse' as source_name,
        count(*) as row_count
    from {{ ref('stg_langfuse__observations') }}
    where not coalesce(can_be_call, false)

    union all

    select
        'langfuse' as source_name,
        count(*) as row_count
    from {{ ref('int_langfuse_calls_inherited') }}
    where not is_call

),

other_counts as (

    select
        source_name,
        sum(row_count) as row_count
    from other_rows
    group by source_name

),

raw_rows as (

    {% for source_name, table in tables.items() -%}
    select
        cast('{{ source_name }}' as {{ dbt.type_string() }}) as source_name,
        cast('{{ table.table_name }}' as {{ dbt.type_string() }}) as table_name,
        count(*) as row_count
    from {{ ref(table.rows) }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

load_rejects as (

    select
        source_name,
        table_name,
        sum(rejected_count) as row_count
    from loads
    group by
        source_name,
        table_name

),

statuses as (

    select
        source_name,
        sum(case when row_status = 'event' then row_count else 0 end) as event_count,
        sum(case when row_status = 'duplicate' then row_count else 0 end) as duplicate_count,
        sum(case when row_status = 'rejected' then row_count else 0 end) as rejected_count
    from resolved
    group by source_name

),

accounts as (

    select
        raw_rows.source_name,
        raw_rows.table_name,
        cast(raw_rows.row_count + coalesce(load_rejects.row_count, 0) as bigint) as row_count,
        cast(coalesce(load_rejects.row_count, 0) as bigint) as load_reject_count,
        cast(coalesce(statuses.event_count, 0) as bigint) as event_count,
        cast(coalesce(statuses.duplicate_count, 0) as bigint) as duplicate_count,
        cast(coalesce(statuses.rejected_count, 0) as bigint) as rejected_count,
        cast(coalesce(other_counts.row_count, 0) as bigint) as other_row_count
    from raw_rows
    left join other_counts
        on raw_rows.source_name = other_counts.source_name
    left join load_rejects
        on
            raw_rows.source_name = load_rejects.source_name
            and raw_rows.table_name = load_rejects.table_name
    left join statuses
        on raw_rows.source_name = statuses.source_name

),

final as (

    select
        *,
        row_count
        - load_reject_count
        - event_count
        - duplicate_count
        - rejected_count
        - other_row_count as difference_count
    from accounts

)

select * from final
