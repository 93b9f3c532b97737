{% macro otel_trace_walk(inherited) -%}
    {#- CTEs of `int_otel_spans_inherited`: from the roots of the traces down, what each span has from
        those above it. Makes `walk` (a row per span that can be reached) and `owners` (the teams that
        a trace's spans have: the root ranks 1, then the first to start).

        Reads `distinct_spans`. A span whose parent is not there is a root; one in a circle of parents,
        or deeper than `vars: max_trace_depth`, is not reached.

        Arguments:
            inherited: names of the text columns that a span takes from its nearest ancestor.
    -#}
roots as (

    select distinct_spans.*
    from distinct_spans
    left join distinct_spans as parents
        on
            distinct_spans.trace_id = parents.trace_id
            and distinct_spans.parent_span_id = parents.span_id
    where parents.span_id is null

),

walk as (

    select
        trace_id,
        span_id,
        parent_span_id as missing_span_id,
        0 as depth,
        case when is_agent then 1 else 0 end as agent_depth,
        cast(null as {{ dbt.type_string() }}) as above_total_span_id,
        case when is_agent and tells_usage then span_id end as nearest_total_span_id,
        span_team_id as nearest_team_id,
        cast(null as {{ dbt.type_string() }}) as ancestor_team_id,
        {%- for column in inherited %}
        {{ column }} as nearest_{{ column }},
        cast(null as {{ dbt.type_string() }}) as inherited_{{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from roots

    union all

    select
        distinct_spans.trace_id,
        distinct_spans.span_id,
        walk.missing_span_id,
        walk.depth + 1 as depth,
        walk.agent_depth + case when distinct_spans.is_agent then 1 else 0 end as agent_depth,
        walk.nearest_total_span_id as above_total_span_id,
        case
            when distinct_spans.is_agent and distinct_spans.tells_usage then distinct_spans.span_id
            else walk.nearest_total_span_id
        end as nearest_total_span_id,
        coalesce(distinct_spans.span_team_id, walk.nearest_team_id) as nearest_team_id,
        walk.nearest_team_id as ancestor_team_id,
        {%- for column in inherited %}
        coalesce(distinct_spans.{{ column }}, walk.nearest_{{ column }}) as nearest_{{ column }},
        walk.nearest_{{ column }} as inherited_{{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from walk
    inner join distinct_spans
        on
            walk.trace_id = distinct_spans.trace_id
            and walk.span_id = distinct_spans.parent_span_id
    where walk.depth < {{ var('max_trace_depth') }}

),

owners as (

    select
        trace_id,
        span_team_id,
        row_number() over (
            partition by trace_id
            order by
                case when parent_span_id is null then 0 else 1 end,
                started_at,
                span_id
        ) as owner_rank
    from distinct_spans
    where span_team_id is not null

)
{%- endmacro %}
