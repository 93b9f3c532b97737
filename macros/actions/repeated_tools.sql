{% macro repeated_tools() -%}
    {#- CTEs of `int_agent_runs_measured`: how often each trace called the same tool. Makes `tools`, a
        row per trace with tool calls.

        Reads `nodes`. A tool call that was exported twice counts once.
    -#}
tool_calls as (

    select
        trace_id,
        node_id,
        min(tool_name) as tool_name,
        min(started_at) as started_at
    from nodes
    where tool_name is not null
    group by
        trace_id,
        node_id

),

-- Calls of a tool one after the other differ in both numbers by the same.
tool_streaks as (

    select
        trace_id,
        tool_name,
        row_number() over (partition by trace_id order by started_at, node_id)
        - row_number() over (partition by trace_id, tool_name order by started_at, node_id)
            as streak
    from tool_calls

),

streak_counts as (

    select
        trace_id,
        tool_name,
        count(*) as call_count
    from tool_streaks
    group by
        trace_id,
        tool_name,
        streak

),

tool_counts as (

    select
        trace_id,
        tool_name,
        sum(call_count) as call_count,
        max(call_count) as in_a_row_count
    from streak_counts
    group by
        trace_id,
        tool_name

),

tools as (

    select
        trace_id,
        cast(sum(call_count) as bigint) as tool_call_count,
        cast(max(call_count) as bigint) as same_tool_count,
        max(in_a_row_count) as same_tool_in_a_row_count
    from tool_counts
    group by trace_id

)
{%- endmacro %}
