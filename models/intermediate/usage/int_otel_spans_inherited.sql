{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='trace_id',
    on_schema_change='fail',
) }}

{#- A trace is worked on as a whole: a late root may own spans that came before it. #}
{% set load_ids = pending_load_ids(tables=['otel_spans']) %}
{% set inherited = inherited_columns() %}
{% set walked = inherited + ['agent_name', 'session_id'] %}
{% set own_columns = [
    'trace_id', 'span_id', 'parent_span_id', 'response_id', 'session_id',
    'scope_name', 'operation', 'provider_name', 'model_name', 'request_model_name',
    'service_tier_name', 'status', 'error_class', 'agent_name', 'tool_name', 'service_name',
    'team_tag', 'tag_list'
] + inherited + [
    'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
    'cache_write_1h_tokens', 'reasoning_tokens', 'resend_count', 'reported_cost_usd',
    'input_characters', 'output_characters', 'started_at', 'ended_at', 'load_id', 'line_number'
] %}

{#- A span's own owner, for those below it: the rules before those that look at the trace. #}
{% set rules = own_ownership_rules(ownership_rules()) %}
{% set span_teams = {
    'team_tag': 'tagged_teams.team_id',
    'feature_tag': 'tagged_features.team_id',
    'user': 'user_teams.team_id',
} %}
{% set span_values = {
    'team_tag': [text_key('versions.team_tag') | trim],
    'feature_tag': [text_key('versions.feature_tag') | trim],
    'project_tag': [text_key('versions.project_tag') | trim],
    'environment': [environment_name('versions.environment_tag') | trim],
    'owner_tag': [text_key('versions.owner_tag') | trim],
    'purpose': [text_key('versions.purpose_tag') | trim],
    'eval_scope': [text_key('versions.eval_scope_tag') | trim],
    'user': [text_key('versions.user_id') | trim],
    'service': [text_key('versions.service_name') | trim],
    'model': [
        text_key('versions.model_name') | trim, text_key('versions.request_model_name') | trim
    ],
    'provider': [text_key('versions.provider_name') | trim],
    'source': ["'otel'"],
    'operation': ['versions.operation'],
    'tag': ['versions.tag_list'],
} %}

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

typed as (

    select
        *,
        coalesce(operation in (
            'chat', 'embeddings', 'rerank', 'retrieval', 'retrieval_write', 'execute_tool',
            'moderation', 'image_generation', 'speech', 'transcription'
        ), false) as is_call,
        coalesce(operation in ('invoke_agent', 'invoke_workflow'), false) as is_agent,
        input_tokens is not null or output_tokens is not null as has_usage,
        -- On a tool or a retrieval it is the id of the chat that asked for it.
        case
            when not {{ is_tool_operation('operation') }} then response_id
        end as call_response_id
    from spans

),

versions as (

    select
        *,
        case
            when is_agent then coalesce(input_tokens, 0) <> 0 or coalesce(output_tokens, 0) <> 0
            when not is_call then false
            else
                has_usage
                -- Without counts it is estimated.
                or (
                    operation in ('chat', 'embeddings', 'moderation')
                    and coalesce(status, '') <> 'failure'
                    and coalesce(input_characters, output_characters) is not null
                )
        end as tells_usage,
        row_number() over (
            partition by trace_id, span_id
            order by load_id, line_number
        ) as version_rank
    from typed

),

distinct_spans as (

    select
        versions.*,
        {{ ownership_team(rules, span_values, span_teams, 'versions.started_at') }} as span_team_id
    from versions
    -- What no rule asks for is joined all the same.
    left join team_lookups as tagged_teams  -- noqa: ST11
        on
            {{ text_key('versions.team_tag') }} = tagged_teams.lookup_key
            and versions.started_at >= tagged_teams.valid_from
            and versions.started_at < tagged_teams.valid_to
    left join feature_lookups as tagged_features  -- noqa: ST11
        on
            {{ text_key('versions.feature_tag') }} = tagged_features.lookup_key
            and versions.started_at >= tagged_features.team_valid_from
            and versions.started_at < tagged_features.team_valid_to
            and versions.started_at >= tagged_features.valid_from
            and versions.started_at < tagged_features.valid_to
    left join user_teams  -- noqa: ST11
        on
            versions.user_id = user_teams.user_id
            and versions.started_at >= user_teams.valid_from
            and versions.started_at < user_teams.valid_to
    where versions.version_rank = 1

),

-- roots, walk, owners: what each span has from those above it.
{{ otel_trace_walk(walked) }},

-- billed_totals: agents that are billed by their own totals.
{{ otel_agent_totals() }},

-- chains, sibling_pairs: which two spans tell the same call.
{{ otel_call_pairs() }},

-- repeats, kept_calls: which of them is kept.
{{ otel_repeats() }},

resolved as (

    select
        {%- for column in own_columns %}
        versions.{{ column }},
        {%- endfor %}
        versions.is_call or billed_totals.span_id is not null as is_call,
        versions.has_usage,
        coalesce(walk.agent_depth, 0) > 0 as is_agent_step,
        coalesce(walk.depth, 0) as depth,
        {%- for column in walked %}
        walk.inherited_{{ column }},
        {%- endfor %}
        walk.ancestor_team_id,
        owners.span_team_id as trace_team_id,
        repeats.kept_span_id,
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
    left join repeats
        on
            versions.trace_id = repeats.trace_id
            and versions.span_id = repeats.span_id
    left join billed_totals
        on
            versions.trace_id = billed_totals.trace_id
            and versions.span_id = billed_totals.span_id
    left join kept_calls
        on
            versions.trace_id = kept_calls.trace_id
            and coalesce(repeats.kept_span_id, versions.span_id) = kept_calls.kept_span_id

)

select * from resolved
