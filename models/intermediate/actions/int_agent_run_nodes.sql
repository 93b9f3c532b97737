{#- What traces say of agents and tools, whether or not it is billed: spans as they are,
    observations of every type. The trace's id stays text: its hash is made once a trace, where runs
    are. #}

with spans as (

    select * from {{ ref('int_otel_spans_inherited') }}

),

observations as (

    select * from {{ ref('stg_langfuse__observations') }}

),

unioned as (

    select
        'otel' as source_name,
        trace_id,
        span_id as node_id,
        case
            when operation = 'execute_tool' and kept_span_id is null
                then coalesce(tool_name, 'tool')
        end as tool_name,
        status,
        depth,
        coalesce(operation in ('invoke_agent', 'invoke_workflow'), false) as is_agent,
        depth = 0 as is_root,
        started_at,
        ended_at,
        load_id,
        line_number,
        batch_id
    from spans

    union all

    select
        'langfuse' as source_name,
        trace_id,
        observation_id as node_id,
        case when observation_type = 'TOOL' then coalesce(observation_name, 'tool') end
            as tool_name,
        status,
        cast(null as integer) as depth,
        coalesce(observation_type = 'AGENT', false) as is_agent,
        parent_observation_id is null as is_root,
        started_at,
        ended_at,
        load_id,
        line_number,
        load_id as batch_id
    from observations
    where trace_id is not null

)

select * from unioned
