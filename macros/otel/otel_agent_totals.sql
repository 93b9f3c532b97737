{% macro otel_agent_totals() -%}
    {#- CTEs of `int_otel_spans_inherited`: the spans of agents and workflows that are billed by their
        own totals, because no call below them tells what was used. Makes `billed_totals`.

        Reads `distinct_spans` and `walk`. Of nested agents only the innermost can be one. A call whose
        chain of parents breaks off might be below any agent that ran at the time: it counts as
        below, unless its chain and the agent's end at the same missing span.
    -#}
totals as (

    select
        distinct_spans.trace_id,
        distinct_spans.span_id,
        distinct_spans.started_at,
        distinct_spans.ended_at,
        walk.missing_span_id
    from distinct_spans
    left join walk
        on
            distinct_spans.trace_id = walk.trace_id
            and distinct_spans.span_id = walk.span_id
    where distinct_spans.is_agent and distinct_spans.tells_usage

),

usage_tellers as (

    select
        distinct_spans.trace_id,
        distinct_spans.started_at,
        walk.above_total_span_id,
        walk.missing_span_id,
        not distinct_spans.is_agent
        and walk.above_total_span_id is null
        and (walk.span_id is null or walk.missing_span_id is not null) as is_unplaced
    from distinct_spans
    left join walk
        on
            distinct_spans.trace_id = walk.trace_id
            and distinct_spans.span_id = walk.span_id
    where
        distinct_spans.tells_usage
        and distinct_spans.trace_id in (select totals.trace_id from totals)

),

billed_totals as (

    select
        totals.trace_id,
        totals.span_id
    from totals
    where
        not exists (
            select 1
            from usage_tellers
            where
                usage_tellers.trace_id = totals.trace_id
                and usage_tellers.above_total_span_id = totals.span_id
        )
        and not exists (
            select 1
            from usage_tellers
            where
                usage_tellers.trace_id = totals.trace_id
                and usage_tellers.is_unplaced
                and coalesce(usage_tellers.started_at >= totals.started_at, true)
                and coalesce(usage_tellers.started_at <= totals.ended_at, true)
                and coalesce(usage_tellers.missing_span_id <> totals.missing_span_id, true)
        )

)
{%- endmacro %}
