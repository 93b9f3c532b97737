{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='trace_key',
    on_schema_change='fail',
) }}

{#- A trace is worked on as a whole when it gets a span, and a run also when anything else tells one
    of its events: a store's query, the gateway's record of a call. Traces are read by their ids, as
    `int_otel_spans_inherited` does. #}
{%- set load_ids = pending_load_ids(columns=['batch_id']) %}
{%- set recorded, merged = ref('int_usage_events_recorded'), ref('int_usage_events_merged') %}
{%- set text, count, moment = dbt.type_string(), 'bigint', dbt.type_timestamp() %}
{#- In the order of the columns of `measured`. #}
{%- set columns = {
    'trace_id': text, 'team_id': text, 'feature_id': text, 'run_kind': text, 'status': text,
    'event_count': count, 'llm_count': count, 'embedding_count': count, 'failed_count': count,
    'retry_count': count, 'unpriced_count': count, 'tool_count': count, 'retrieval_count': count,
    'other_count': count, 'agent_count': count, 'depth': 'integer', 'input_tokens': count,
    'output_tokens': count, 'list_cost_usd': type_money(), 'negotiated_cost_usd': type_money(),
    'wasted_cost_usd': type_money(), 'first_call_cost_usd': type_money(),
    'same_tool_in_a_row_count': count, 'same_tool_count': count, 'same_prompt_count': count,
    'started_at': moment, 'ended_at': moment,
} %}
{%- set calls = {
    'llm': "'chat'",
    'embedding': "'embeddings'",
    'retrieval': "'retrieval', 'retrieval_write', 'rerank'",
    'tool': "'execute_tool'",
} %}

{%- set is_known_run =
    'trace_key in (select known.trace_key from ' ~ this ~ ' as known)'
    if load_ids is not none or is_reading_again(load_ids) else '1 = 0' %}

with {% if load_ids is not none -%}
known_runs as (

    select
        trace_id,
        trace_key
    from {{ this }}
    where trace_id is not null

),

changed_traces as (

    select trace_id
    from {{ ref('int_agent_run_nodes') }}
    where {{ is_pending('batch_id', load_ids) }}

    union

    select known_runs.trace_id
    from known_runs
    inner join {{ recorded }} as recorded
        on known_runs.trace_key = recorded.trace_key
    where {{ is_pending('recorded.batch_id', load_ids) }}

    union

    -- Another source tells, or told until now, a call of the run.
    select known_runs.trace_id
    from known_runs
    inner join {{ merged }} as merged
        on known_runs.trace_key = merged.trace_key
    where {{ is_pending('merged.batch_id', load_ids) }}

),

{% endif -%}
nodes as (

    select * from {{ ref('int_agent_run_nodes') }}
    {% if load_ids is not none -%}
    where trace_id in (select changed_traces.trace_id from changed_traces)
    {%- endif %}

),

traces as (

    select
        trace_id,
        {{ hash_key(['trace_id']) }} as trace_key,
        count(distinct case when is_agent then node_id end) as agent_count,
        max(depth) as depth,
        max(case when is_root and status = 'failure' then 1 else 0 end) as failed_roots,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        max(batch_id) as batch_id
    from nodes
    group by trace_id

),

-- tools: how often a trace called the same one.
{{ repeated_tools() }},

events as (

    select
        run_events.*,
        coalesce(run_events.list_cost_usd, 0) as cost_usd,
        row_number() over (
            partition by run_events.trace_key, run_events.operation
            order by run_events.event_at, run_events.load_id, run_events.line_number
        ) as operation_rank
    from {{ ref('int_agent_run_events') }} as run_events
    inner join traces
        on run_events.trace_key = traces.trace_key

),

-- prompts: how often a run sent one of the same shape.
{{ repeated_prompts() }},

owners as (

    select
        trace_key,
        team_id,
        feature_id,
        row_number() over (
            partition by trace_key
            order by sum(cost_usd) desc, count(*) desc, team_id asc, feature_id asc
        ) as owner_rank
    from events
    group by
        trace_key,
        team_id,
        feature_id

),

summed as (

    select
        trace_key,
        count(*) as event_count,
        sum(case when is_traced then 1 else 0 end) as traced_count,
        {%- for name, operations in calls.items() %}
        sum(case when operation in ({{ operations }}) then 1 else 0 end) as {{ name }}_count,
        {%- endfor %}
        -- A store's own log tells a query that a span may tell as well.
        sum(
            case
                when operation in ({{ calls.retrieval }}) and source_name = 'retrieval' then 1
                else 0
            end
        ) as stored_retrieval_count,
        sum(case when operation in ({{ calls.tool }}) and not is_traced then 1 else 0 end)
            as untraced_tool_count,
        sum(case when status = 'failure' then 1 else 0 end) as failed_count,
        sum(case when is_retry then 1 else 0 end) as retry_count,
        sum(case when pricing_status = 'unpriced' then 1 else 0 end) as unpriced_count,
        sum(input_tokens) as input_tokens,
        sum(output_tokens) as output_tokens,
        sum(cost_usd) as list_cost_usd,
        sum(coalesce(negotiated_cost_usd, 0)) as negotiated_cost_usd,
        max(case when operation = 'chat' and operation_rank = 1 then list_cost_usd end)
            as first_call_cost_usd,
        sum(case when {{ is_wasted() }} then cost_usd else 0 end) as wasted_cost_usd,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        max(batch_id) as batch_id
    from events
    group by trace_key

),

measured as (

    select
        traces.trace_key,
        traces.trace_id,
        coalesce(owners.team_id, 'unallocated') as team_id,
        coalesce(owners.feature_id, 'unknown') as feature_id,
        case
            when coalesce(traces.started_at, summed.started_at) is null then 'none'
            when traces.agent_count > 0 or tools.trace_id is not null then 'agent'
            when summed.traced_count > 1 then 'chain'
            else 'none'
        end as run_kind,
        case when traces.failed_roots = 1 then 'failure' else 'success' end as status,
        {%- for count in [
            'event', 'llm', 'embedding', 'failed', 'retry', 'unpriced'
        ] %}
        cast(coalesce(summed.{{ count }}_count, 0) as bigint) as {{ count }}_count,
        {%- endfor %}
        cast(coalesce(tools.tool_call_count, 0) + coalesce(summed.untraced_tool_count, 0) as bigint)
            as tool_count,
        cast(
            coalesce(
                greatest(
                    summed.stored_retrieval_count,
                    summed.retrieval_count - summed.stored_retrieval_count
                ), 0
            ) as bigint
        ) as retrieval_count,
        cast(
            coalesce(
                summed.event_count
                - summed.llm_count
                - summed.embedding_count
                - summed.retrieval_count
                - summed.tool_count, 0
            ) as bigint
        ) as other_count,
        traces.agent_count,
        traces.depth,
        cast(coalesce(summed.input_tokens, 0) as bigint) as input_tokens,
        cast(coalesce(summed.output_tokens, 0) as bigint) as output_tokens,
        {%- for amount in ['list', 'negotiated', 'wasted'] %}
        {{ money('coalesce(summed.' ~ amount ~ '_cost_usd, 0)') }} as {{ amount }}_cost_usd,
        {%- endfor %}
        {{ money('summed.first_call_cost_usd') }} as first_call_cost_usd,
        coalesce(tools.same_tool_in_a_row_count, 0) as same_tool_in_a_row_count,
        coalesce(tools.same_tool_count, 0) as same_tool_count,
        coalesce(prompts.same_prompt_count, 0) as same_prompt_count,
        least(traces.started_at, summed.started_at) as started_at,
        greatest(traces.ended_at, summed.ended_at) as ended_at,
        {% if load_ids -%}
        cast({{ load_ids | max }} as bigint) as batch_id
        {%- else -%}
        greatest(traces.batch_id, summed.batch_id) as batch_id
        {%- endif %}
    from traces
    left join summed
        on traces.trace_key = summed.trace_key
    left join owners
        on
            traces.trace_key = owners.trace_key
            and owners.owner_rank = 1
    left join tools
        on traces.trace_id = tools.trace_id
    left join prompts
        on traces.trace_key = prompts.trace_key

),

-- A trace that is no run any more keeps a row that says so.
final as (

    select * from measured
    where
        run_kind <> 'none'
        or {{ is_known_run }}

    union all

    {{ examined_batches(load_ids, 'trace_key', columns, [
        recorded, ref('int_agent_run_nodes')
    ]) }}

)

select * from final
