{%- set rules = ownership_rules() %}

with events as (

    select * from {{ ref('int_usage_events_metered') }}

),

team_lookups as (

    select * from {{ ref('int_team_lookups') }}

),

feature_lookups as (

    select * from {{ ref('int_feature_lookups') }}

),

api_key_owners as (

    select * from {{ ref('int_api_key_owners') }}

),

user_teams as (

    select * from {{ ref('int_user_teams') }}

),

tooling_owners as (

    select * from {{ ref('int_tooling_owners') }}

),

-- Not one relation: engines keep a copy of what is read more than once.
action_lookups as (

    select * from {{ ref('int_action_lookups') }}

),

action_purposes as (

    select distinct purpose
    from {{ ref('int_action_lookups') }}
    where purpose <> ''

),

action_names as (

    select distinct name_key
    from {{ ref('int_action_lookups') }}
    where name_key <> ''

),

candidates as (

    {{ owner_candidates('events') }}

),

classified as (

    select
        candidates.*,
        coalesce(action_lookups.action_class, 'chat_call') as action_class,
        coalesce(action_lookups.action_rank, 9999) as action_rank
    from candidates
    left join action_purposes
        on candidates.purpose = action_purposes.purpose
    left join action_names
        on
            {{ action_name_key('candidates.agent_name', 'candidates.tool_name') }}
            = action_names.name_key
    left join action_lookups
        on
            candidates.operation = action_lookups.operation
            and candidates.is_agent_step = action_lookups.is_agent_step
            and coalesce(action_purposes.purpose, '') = action_lookups.purpose
            and coalesce(action_names.name_key, '') = action_lookups.name_key

),

ranked as (

    select
        *,
        {{ ownership_rank(rules) }} as attribution_rank
    from classified

),

attributed as (

    select
        *,
        {{ ownership_result(rules) }}
        coalesce(feature_project, {{ text_key('project_tag') }}) as project
    from ranked

),

-- What would give an event an owner, or a better one: the first thing it has that could name one.
needing as (

    select
        *,
        case
            when
                attribution_method
                not in ({{ quoted(['none'] + var('weak_attribution_methods')) }})
                then cast(null as {{ dbt.type_string() }})
            when {{ text_key('team_tag') }} is not null then 'team_tag'
            when feature_id is not null and not has_feature_owner then 'feature_tag'
            when api_key_id is not null then 'api_key'
            when {{ text_key('user_id') }} is not null then 'user'
            when {{ text_key('service_name') }} is not null then 'service'
            else 'source'
        end as attribution_fix
    from attributed

),

fixed as (

    select
        *,
        case attribution_fix
            when 'team_tag' then {{ text_key('team_tag') }}
            when 'feature_tag' then feature_id
            when 'api_key' then coalesce({{ text_key('api_key_alias') }}, api_key_id)
            when 'user' then user_id
            when 'service' then {{ text_key('service_name') }}
            when 'source' then source_name
        end as attribution_fix_value
    from needing

),

tagged as (

    select
        ---------- ids
        source_name,
        event_id,
        trace_key,
        session_key,
        team_id,
        feature_id,
        project,
        api_key_id,
        user_id,

        ---------- strings
        operation,
        action_class,
        provider_name,
        model_name,
        model_alternative_name,
        region_name,
        service_tier,
        status,
        error_class,
        environment,
        purpose,
        eval_scope,
        eval_suite,
        eval_run,
        attribution_method,
        ownership_rule_id,
        ownership_trail,
        attribution_fix,
        attribution_fix_value,
        usage_source,
        billed_by,
        reject_reason,
        -- One letter a required tag, in the order project, environment, owner, team, feature:
        -- V valid, I invalid, M missing.
        case when {{ text_key('project_tag') }} is null then 'M' else 'V' end
        || case
            when {{ text_key('environment_tag') }} is null then 'M'
            when environment in ({{ quoted(var('valid_environments')) }}) then 'V'
            else 'I'
        end
        || case when {{ text_key('owner_tag') }} is null then 'M' else 'V' end
        || case
            when {{ text_key('team_tag') }} is null then 'M'
            when team_tag_team_id is not null then 'V'
            else 'I'
        end
        || case
            when {{ text_key('feature_tag') }} is null then 'M'
            when has_valid_feature_tag then 'V'
            else 'I'
        end as tag_status,

        ---------- numerics
        source_precedence,
        repeat_rank,
        attribution_rank,
        action_rank,
        uncached_input_tokens,
        cache_read_tokens,
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        output_tokens,
        reasoning_tokens,
        {{ rare_quantities() | join(',\n        ') }},
        reported_cost_usd,
        request_count,
        request_input_tokens,

        ---------- booleans
        is_billed,
        is_gateway_cache_hit,
        is_retry,
        is_fallback,

        ---------- dates
        event_date,

        ---------- timestamps
        event_at,

        ---------- load
        load_id,
        line_number,
        batch_id
    from fixed

)

select * from tagged
