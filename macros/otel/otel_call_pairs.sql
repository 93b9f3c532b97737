{% macro otel_call_pairs() -%}
    {#- CTEs of `int_otel_spans_inherited`: which two spans tell the same call. Makes `chains` (a row per
        call under a call, with what is known above it) and `sibling_pairs`.

        Reads `distinct_spans` and `billed_totals`. The recursion meets each call once: a span has one
        parent, and circles of parents have no beginning to start from.
    -#}
calls as (

    select
        distinct_spans.trace_id,
        distinct_spans.span_id,
        distinct_spans.parent_span_id,
        distinct_spans.operation,
        distinct_spans.scope_name,
        distinct_spans.call_response_id,
        case
            when distinct_spans.operation = 'execute_tool' then distinct_spans.tool_name
            else coalesce(distinct_spans.request_model_name, distinct_spans.model_name)
        end as asked_name,
        case
            when distinct_spans.operation <> 'execute_tool' then distinct_spans.model_name
        end as answered_name,
        distinct_spans.has_usage,
        distinct_spans.started_at,
        distinct_spans.ended_at
    from distinct_spans
    left join billed_totals
        on
            distinct_spans.trace_id = billed_totals.trace_id
            and distinct_spans.span_id = billed_totals.span_id
    where distinct_spans.is_call or billed_totals.span_id is not null

),

parent_pairs as (

    select
        children.trace_id,
        children.span_id,
        children.call_response_id,
        children.has_usage,
        parents.span_id as parent_span_id,
        parents.call_response_id as parent_response_id,
        parents.has_usage as parent_has_usage
    from calls as children
    inner join calls as parents
        on
            children.trace_id = parents.trace_id
            and children.parent_span_id = parents.span_id
            and children.operation = parents.operation
    where
        children.span_id <> parents.span_id
        and coalesce(
            children.call_response_id = parents.call_response_id,
            {{ llm_chargeback.is_same_model(
                'children.asked_name', 'parents.asked_name',
                'children.answered_name', 'parents.answered_name'
            ) }}
        )

),

-- Down the chains of nested calls: the nearest span above that has usage, and the id known so far.
chains as (

    select
        pairs.trace_id,
        pairs.span_id,
        pairs.call_response_id,
        pairs.has_usage,
        pairs.parent_span_id,
        pairs.parent_response_id,
        pairs.parent_has_usage,
        coalesce(pairs.call_response_id, pairs.parent_response_id) as chain_response_id,
        case when pairs.parent_has_usage then pairs.parent_span_id end as outer_span_id,
        case when pairs.parent_has_usage then pairs.parent_response_id end as outer_response_id,
        true as is_linked
    from parent_pairs as pairs
    left join parent_pairs as above
        on
            pairs.trace_id = above.trace_id
            and pairs.parent_span_id = above.span_id
    where above.span_id is null

    union all

    select
        pairs.trace_id,
        pairs.span_id,
        pairs.call_response_id,
        pairs.has_usage,
        pairs.parent_span_id,
        pairs.parent_response_id,
        pairs.parent_has_usage,
        coalesce(pairs.call_response_id, chains.chain_response_id) as chain_response_id,
        case
            when not coalesce(pairs.call_response_id = chains.chain_response_id, true) then null
            when pairs.parent_has_usage then pairs.parent_span_id
            else chains.outer_span_id
        end as outer_span_id,
        case
            when not coalesce(pairs.call_response_id = chains.chain_response_id, true) then null
            when pairs.parent_has_usage then pairs.parent_response_id
            else chains.outer_response_id
        end as outer_response_id,
        coalesce(pairs.call_response_id = chains.chain_response_id, true) as is_linked
    from chains
    inner join parent_pairs as pairs
        on
            chains.trace_id = pairs.trace_id
            and chains.span_id = pairs.parent_span_id

),

neighbours as (

    select
        *,
        lag(span_id) over siblings as outer_span_id,
        lag(call_response_id) over siblings as outer_response_id,
        lag(scope_name) over siblings as outer_scope_name,
        lag(asked_name) over siblings as outer_asked_name,
        lag(answered_name) over siblings as outer_answered_name,
        lag(ended_at) over siblings as outer_ended_at,
        lag(has_usage) over siblings as outer_has_usage
    from calls
    where parent_span_id is not null
    window siblings as (
        partition by trace_id, parent_span_id, operation
        order by started_at asc, ended_at desc, span_id asc
    )

),

sibling_pairs as (

    select
        *,
        has_usage or not outer_has_usage as is_inner_kept
    from neighbours
    where
        scope_name <> outer_scope_name
        and outer_ended_at >= ended_at
        and coalesce(
            call_response_id = outer_response_id,
            {{ llm_chargeback.is_same_model(
                'asked_name', 'outer_asked_name', 'answered_name', 'outer_answered_name'
            ) }}
        )

)
{%- endmacro %}
