{{ config(materialized='view') }}

with measured as (

    select * from {{ ref('int_agent_runs_measured') }}
    where run_kind in ('agent', 'chain')

),

usual_costs as (

    select * from {{ ref('fct_agent_run_costs') }}

),

judged as (

    select
        ---------- ids
        measured.trace_key,
        measured.trace_id,
        measured.team_id,
        measured.feature_id,

        ---------- strings
        measured.run_kind,
        measured.status,

        ---------- numerics
        measured.llm_count
        + measured.tool_count
        + measured.retrieval_count
        + measured.embedding_count
        + measured.other_count as step_count,
        measured.llm_count as llm_call_count,
        measured.tool_count as tool_call_count,
        measured.retrieval_count as retrieval_call_count,
        measured.embedding_count as embedding_call_count,
        measured.agent_count,
        measured.depth,
        measured.event_count,
        measured.failed_count as failed_event_count,
        measured.retry_count,
        measured.unpriced_count as unpriced_event_count,
        measured.input_tokens,
        measured.output_tokens,
        measured.list_cost_usd,
        measured.negotiated_cost_usd,
        measured.first_call_cost_usd,
        {{ ratio('measured.list_cost_usd', 'measured.first_call_cost_usd') }}
            as cost_multiplier,
        measured.wasted_cost_usd,
        {{ ratio('measured.wasted_cost_usd', 'measured.list_cost_usd') }}
            as wasted_share,
        measured.same_tool_in_a_row_count,
        measured.same_tool_count,
        measured.same_prompt_count,

        ---------- booleans
        {{ is_looping_run('measured') }} as is_looping,
        coalesce({{ is_outlier_run('measured', 'usual_costs') }}, false) as is_outlier,

        ---------- dates
        cast(measured.started_at as date) as run_date,

        ---------- timestamps
        measured.started_at,
        measured.ended_at,

        ---------- load
        measured.batch_id as last_load_id
    from measured
    left join usual_costs
        on
            measured.feature_id = usual_costs.feature_id
            and measured.run_kind = usual_costs.run_kind
            and {{ month_of('measured.started_at') }} = usual_costs.run_month

)

select * from judged
