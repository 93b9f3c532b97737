{#- The team tag after the one that is looked at first, which need not be in the list. #}
{%- set other_team_tag = "coalesce("
    ~ "nullif(" ~ tag_value('events.tag_list', 'team') ~ ", trim(events.team_tag)), "
    ~ tag_value('events.tag_list', 'team', skipped=1) ~ ")" %}
{%- set methods = {
    'team_tag': 'coalesce(tagged_teams.team_id, other_teams.team_id)',
    'feature_tag':
        'case when not events.is_feature_inherited'
        ~ ' and events.event_at >= tagged_features.team_valid_from'
        ~ ' and events.event_at < tagged_features.team_valid_to then tagged_features.team_id end',
    'api_key': 'coalesce(key_owners.team_id, key_teams.team_id)',
    'user': 'user_teams.team_id',
    'internal_tooling': 'coalesce(tool_keys.team_id, tool_services.team_id)',
    'trace_ancestor': 'events.ancestor_team_id',
    'trace_any': 'events.trace_team_id',
} %}

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

attribution_order as (

    select * from {{ ref('int_attribution_order') }}

),

action_rules as (

    select
        operation,
        is_agent_step,
        min(action_class) as action_class
    from {{ ref('action_rules') }}
    group by
        operation,
        is_agent_step

),

candidates as (

    select
        events.*,
        {%- for method, team in methods.items() %}
        {{ team }} as {{ method }}_team_id,
        case
            when {{ team }} is not null then attribution_order.{{ method }}_priority
        end as {{ method }}_rank,
        {%- endfor %}
        coalesce(tagged_teams.team_id, other_teams.team_id) is not null as has_valid_team_tag,
        coalesce(tagged_features.feature_id, {{ text_key('events.feature_tag') }}) as feature_id,
        tagged_features.feature_id is not null as has_valid_feature_tag,
        tagged_features.project as feature_project,
        {{ environment_name('events.environment_tag') }} as environment,
        case
            when events.purpose in ('eval', 'evaluation', 'evals') then 'eval_run'
            else coalesce(action_rules.action_class, 'chat_call')
        end as action_class
    from events
    cross join attribution_order
    left join team_lookups as tagged_teams
        on
            {{ text_key('events.team_tag') }} = tagged_teams.lookup_key
            and events.event_at >= tagged_teams.valid_from
            and events.event_at < tagged_teams.valid_to
    -- Only few tags name no team: finding another one is slow, and must not be tried on all.
    left join team_lookups as other_teams
        on
            case
                when events.team_tag is not null and tagged_teams.team_id is null
                    then {{ text_key(other_team_tag) }}
            end = other_teams.lookup_key
            and events.event_at >= other_teams.valid_from
            and events.event_at < other_teams.valid_to
    left join feature_lookups as tagged_features
        on {{ text_key('events.feature_tag') }} = tagged_features.lookup_key
    left join api_key_owners as key_owners
        on
            events.api_key_id = key_owners.api_key_id
            and events.event_at >= key_owners.valid_from
            and events.event_at < key_owners.valid_to
    left join team_lookups as key_teams
        on
            {{ text_key('events.key_team_tag') }} = key_teams.lookup_key
            and events.event_at >= key_teams.valid_from
            and events.event_at < key_teams.valid_to
    left join user_teams
        on
            events.user_id = user_teams.user_id
            and not events.is_user_inherited
            and events.event_at >= user_teams.valid_from
            and events.event_at < user_teams.valid_to
    left join tooling_owners as tool_keys
        on
            tool_keys.match_on = 'api_key'
            and {{ text_key('events.api_key_id') }} = tool_keys.pattern
            and events.event_at >= tool_keys.valid_from
            and events.event_at < tool_keys.valid_to
    left join tooling_owners as tool_services
        on
            tool_services.match_on = 'service_name'
            and {{ text_key('events.service_name') }} = tool_services.pattern
            and events.event_at >= tool_services.valid_from
            and events.event_at < tool_services.valid_to
    left join action_rules
        on
            events.operation = action_rules.operation
            and events.is_agent_step = action_rules.is_agent_step

),

ranked as (

    select
        *,
        least(
            {%- for method in methods %}
            coalesce({{ method }}_rank, 999){% if not loop.last %},{% endif %}
            {%- endfor %}
        ) as attribution_rank
    from candidates

),

attributed as (

    select
        *,
        case attribution_rank
            {%- for method in methods %}
            when {{ method }}_rank then {{ method }}_team_id
            {%- endfor %}
            else 'unallocated'
        end as team_id,
        case attribution_rank
            {%- for method in methods %}
            when {{ method }}_rank then '{{ method }}'
            {%- endfor %}
            else 'none'
        end as attribution_method,
        coalesce(feature_project, {{ text_key('project_tag') }}) as project
    from ranked

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
        attribution_method,
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
            when has_valid_team_tag then 'V'
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
    from attributed

)

select * from tagged
