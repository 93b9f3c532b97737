{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='trace_id',
    on_schema_change='fail',
) }}

{#- A trace is worked on as a whole: a late root may own spans that came before it. #}
{% set load_ids = pending_load_ids(tables=['otel_spans']) %}
{% set inherited = [
    'feature_tag', 'project_tag', 'environment_tag', 'owner_tag', 'purpose_tag', 'eval_scope_tag',
    'user_id'
] %}
{% set own_columns = [
    'trace_id', 'span_id', 'parent_span_id', 'response_id', 'session_id',
    'scope_name', 'operation', 'provider_name', 'model_name', 'request_model_name',
    'service_tier_name', 'status', 'error_class', 'agent_name', 'tool_name', 'service_name',
    'team_tag'
] + inherited + [
    'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
    'cache_write_1h_tokens', 'reasoning_tokens', 'resend_count', 'reported_cost_usd',
    'input_characters', 'output_characters', 'started_at', 'ended_at', 'load_id', 'line_number'
] %}

with recursive team_lookups as (

    select * from {{ ref('int_team_lookups') }}

),

feature_lookups as (

    select * from {{ ref('int_feature_lookups') }}

),

user_teams as (

    select * from {{ ref('int_user_teams') }}

),

new_spans as (

    select {{ own_columns | join(', ') }}
    from {{ ref('stg_otel__spans') }}
    where {{ is_pending('load_id', load_ids) }}

),

spans as (

    select * from new_spans
    {% if load_ids is not none %}
    union all
    select {{ own_columns | join(', ') }}
    from {{ this }}
    where
        trace_id in (select new_spans.trace_id from new_spans)
        and not {{ is_pending('load_id', load_ids) }}
    {% endif %}

),

versions as (

    select
        *,
        operation in (
            'chat', 'embeddings', 'rerank', 'retrieval', 'retrieval_write', 'execute_tool',
            'moderation', 'image_generation', 'speech', 'transcription'
        ) as is_call,
        input_tokens is not null or output_tokens is not null as has_usage,
        row_number() over (
            partition by trace_id, span_id
            order by load_id, line_number
        ) as version_rank
    from spans

),

distinct_spans as (

    select
        versions.*,
        coalesce(
            tagged_teams.team_id, tagged_features.team_id, user_teams.team_id
        ) as span_team_id
    from versions
    left join team_lookups as tagged_teams
        on {{ text_key('versions.team_tag') }} = tagged_teams.lookup_key
    left join feature_lookups as tagged_features
        on {{ text_key('versions.feature_tag') }} = tagged_features.lookup_key
    left join user_teams
        on
            versions.user_id = user_teams.user_id
            and versions.started_at >= user_teams.valid_from
            and versions.started_at < user_teams.valid_to
    where versions.version_rank = 1

),

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
        0 as depth,
        case when operation in ('invoke_agent', 'invoke_workflow') then 1 else 0 end as agent_depth,
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
        walk.depth + 1 as depth,
        walk.agent_depth
        + case
            when distinct_spans.operation in ('invoke_agent', 'invoke_workflow') then 1
            else 0
        end as agent_depth,
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
            order by started_at, span_id
        ) as owner_rank
    from distinct_spans
    where span_team_id is not null

),

parent_pairs as (

    select
        children.trace_id,
        children.span_id as child_span_id,
        parents.span_id as parent_span_id,
        children.response_id as child_response_id,
        parents.response_id as parent_response_id,
        children.has_usage or not parents.has_usage as is_child_kept
    from distinct_spans as children
    inner join distinct_spans as parents
        on
            children.trace_id = parents.trace_id
            and children.parent_span_id = parents.span_id
            and children.operation = parents.operation
    where
        children.is_call
        and children.span_id <> parents.span_id
        and coalesce(children.response_id = parents.response_id, true)

),

neighbours as (

    select
        *,
        lag(span_id) over siblings as outer_span_id,
        lag(response_id) over siblings as outer_response_id,
        lag(scope_name) over siblings as outer_scope_name,
        lag(request_model_name) over siblings as outer_request_model_name,
        lag(ended_at) over siblings as outer_ended_at,
        lag(has_usage) over siblings as outer_has_usage
    from distinct_spans
    where is_call and parent_span_id is not null
    window siblings as (
        partition by trace_id, parent_span_id, operation
        order by started_at asc, ended_at desc, span_id asc
    )

),

sibling_pairs as (

    select
        trace_id,
        span_id as child_span_id,
        outer_span_id as parent_span_id,
        response_id as child_response_id,
        outer_response_id as parent_response_id,
        has_usage or not outer_has_usage as is_child_kept
    from neighbours
    where
        scope_name <> outer_scope_name
        and outer_ended_at >= ended_at
        and coalesce(request_model_name = outer_request_model_name, true)
        and coalesce(response_id = outer_response_id, true)

),

pairs as (

    select * from parent_pairs
    union all
    select * from sibling_pairs

),

repeats as (

    select
        trace_id,
        case when is_child_kept then parent_span_id else child_span_id end as span_id,
        min(case when is_child_kept then child_span_id else parent_span_id end) as kept_span_id,
        min(coalesce(child_response_id, parent_response_id)) as response_id
    from pairs
    group by
        trace_id,
        case when is_child_kept then parent_span_id else child_span_id end

),

final_repeats as (

    -- Framework, instrumentation and SDK may each tell a call: follow the kept one once more.
    select
        repeats.trace_id,
        repeats.span_id,
        coalesce(further.kept_span_id, repeats.kept_span_id) as kept_span_id,
        coalesce(further.response_id, repeats.response_id) as response_id
    from repeats
    left join repeats as further
        on
            repeats.trace_id = further.trace_id
            and repeats.kept_span_id = further.span_id
            and repeats.span_id <> further.kept_span_id

),

kept_calls as (

    -- Any of the spans that tell a call may be the only one to know its response id.
    select
        trace_id,
        kept_span_id,
        min(response_id) as response_id
    from final_repeats
    group by
        trace_id,
        kept_span_id

),

resolved as (

    select
        {%- for column in own_columns %}
        versions.{{ column }},
        {%- endfor %}
        coalesce(versions.is_call, false) as is_call,
        versions.has_usage,
        coalesce(walk.agent_depth, 0) > 0 as is_agent_step,
        coalesce(walk.depth, 0) as depth,
        {%- for column in inherited %}
        walk.inherited_{{ column }},
        {%- endfor %}
        walk.ancestor_team_id,
        owners.span_team_id as trace_team_id,
        final_repeats.kept_span_id,
        kept_calls.response_id as kept_response_id,
        {% if load_ids -%}
        cast({{ load_ids | max }} as bigint) as batch_id
        {%- else -%}
        versions.load_id as batch_id
        {%- endif %}
    from versions
    left join walk
        on
            versions.trace_id = walk.trace_id
            and versions.span_id = walk.span_id
    left join owners
        on
            versions.trace_id = owners.trace_id
            and owners.owner_rank = 1
    left join final_repeats
        on
            versions.trace_id = final_repeats.trace_id
            and versions.span_id = final_repeats.span_id
    left join kept_calls
        on
            versions.trace_id = kept_calls.trace_id
            and coalesce(final_repeats.kept_span_id, versions.span_id) = kept_calls.kept_span_id

)

select * from resolved
