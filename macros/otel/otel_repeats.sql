{% macro otel_repeats() -%}
    {#- CTEs of `int_otel_spans_inherited`: of the spans that tell the same call, which one is kept
        (`docs/decisions/0006-repeated-spans.md`). Makes `repeats` (a row per span that is not kept)
        and `kept_calls` (a row per call with several spans).

        Reads `chains` and `sibling_pairs`. A span has one link at most, so the recursion meets it once.
    -#}
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
