{% macro otel_repeated_calls() -%}
    {#- CTEs of `int_otel_spans_inherited`: which spans tell the same call, and which of them is kept
        (`docs/decisions/0006-repeated-spans.md`). Makes `repeats` (a row per span that is not kept)
        and `kept_calls` (a row per call with several spans).

        Reads `distinct_spans` and `billed_totals`. Both recursions meet each span once at most: a
        child has one parent, a repeat one span that it repeats. Circles are never entered.
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

),

candidates as (

    -- What has usage repeats the next one below that has; what has none repeats its child.
    select
        trace_id,
        outer_span_id as span_id,
        outer_response_id as response_id,
        span_id as kept_span_id,
        call_response_id as kept_response_id,
        1 as preference
    from chains
    where has_usage and outer_span_id is not null

    union all

    select
        trace_id,
        parent_span_id as span_id,
        parent_response_id as response_id,
        span_id as kept_span_id,
        call_response_id as kept_response_id,
        case when has_usage then 2 else 3 end as preference
    from chains
    where is_linked and not parent_has_usage

    union all

    select
        trace_id,
        case when is_inner_kept then outer_span_id else span_id end as span_id,
        case when is_inner_kept then outer_response_id else call_response_id end as response_id,
        case when is_inner_kept then span_id else outer_span_id end as kept_span_id,
        case when is_inner_kept then call_response_id else outer_response_id end
            as kept_response_id,
        4 as preference
    from sibling_pairs

),

ranked_candidates as (

    select
        *,
        row_number() over (
            partition by trace_id, span_id
            order by
                preference,
                case when response_id = kept_response_id then 0 else 1 end,
                kept_span_id
        ) as candidate_rank
    from candidates

),

inner_links as (

    select * from ranked_candidates
    where candidate_rank = 1

),

links as (

    select
        trace_id,
        span_id,
        response_id,
        kept_span_id,
        kept_response_id
    from inner_links

    union all

    -- An innermost span without usage repeats the one above that has it, if nothing else does.
    select
        chains.trace_id,
        chains.span_id,
        chains.call_response_id as response_id,
        chains.outer_span_id as kept_span_id,
        chains.outer_response_id as kept_response_id
    from chains
    left join inner_links as own_links
        on
            chains.trace_id = own_links.trace_id
            and chains.span_id = own_links.span_id
    left join inner_links as outer_links
        on
            chains.trace_id = outer_links.trace_id
            and chains.outer_span_id = outer_links.span_id
    where
        not chains.has_usage
        and chains.outer_span_id is not null
        and own_links.span_id is null
        and outer_links.span_id is null

),

-- From the spans that are kept back along the links, so that all lead to the end.
repeats as (

    select
        links.trace_id,
        links.span_id,
        links.response_id,
        links.kept_span_id,
        links.kept_response_id
    from links
    left join links as further
        on
            links.trace_id = further.trace_id
            and links.kept_span_id = further.span_id
    where further.span_id is null

    union all

    select
        links.trace_id,
        links.span_id,
        links.response_id,
        repeats.kept_span_id,
        repeats.kept_response_id
    from repeats
    inner join links
        on
            repeats.trace_id = links.trace_id
            and repeats.span_id = links.kept_span_id

),

kept_calls as (

    -- Any of the spans that tell a call may be the only one to know its response id.
    select
        trace_id,
        kept_span_id,
        coalesce(min(kept_response_id), min(response_id)) as response_id
    from repeats
    group by
        trace_id,
        kept_span_id

)
{%- endmacro %}
