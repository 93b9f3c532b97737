{% macro owner_candidates(events) -%}
    {#- A query of events with the team that the directory gives for each way of finding one, at the
        event's time: `<method>_team_id`, beside what the tags stand for.

        Reads the CTEs `team_lookups`, `feature_lookups`, `api_key_owners`, `user_teams` and
        `tooling_owners` of the model.

        Arguments:
            events: name of the events, with the columns of `int_usage_events_metered`.
    -#}
    {#- The team tag after the one that is looked at first, which need not be in the list. -#}
    {%- set other_team_tag = "coalesce("
        ~ "nullif(" ~ llm_chargeback.tag_value(events ~ '.tag_list', 'team') ~ ", trim(" ~ events
        ~ ".team_tag)), " ~ llm_chargeback.tag_value(events ~ '.tag_list', 'team', skipped=1) ~ ")" %}
    select
        {{ events }}.*,
        coalesce(tagged_teams.team_id, other_teams.team_id) as team_tag_team_id,
        case
            when
                not {{ events }}.is_feature_inherited
                and {{ events }}.event_at >= tagged_features.team_valid_from
                and {{ events }}.event_at < tagged_features.team_valid_to
                then tagged_features.team_id
        end as feature_tag_team_id,
        coalesce(key_owners.team_id, key_teams.team_id) as api_key_team_id,
        user_teams.team_id as user_team_id,
        coalesce(tool_keys.team_id, tool_services.team_id) as internal_tooling_team_id,
        ancestor_teams.team_id as trace_ancestor_team_id,
        trace_teams.team_id as trace_any_team_id,
        key_owners.api_key_alias as key_owner_alias,
        coalesce(tagged_features.feature_id, {{ llm_chargeback.text_key(events ~ '.feature_tag') }})
            as feature_id,
        tagged_features.feature_id is not null as has_valid_feature_tag,
        coalesce(
            {{ events }}.event_at >= tagged_features.team_valid_from
            and {{ events }}.event_at < tagged_features.team_valid_to, false
        ) as has_feature_owner,
        tagged_features.project as feature_project,
        {{ llm_chargeback.environment_name(events ~ '.environment_tag') }} as environment
    from {{ events }}
    left join team_lookups as tagged_teams
        on
            {{ llm_chargeback.text_key(events ~ '.team_tag') }} = tagged_teams.lookup_key
            and {{ events }}.event_at >= tagged_teams.valid_from
            and {{ events }}.event_at < tagged_teams.valid_to
    -- Only few tags name no team: finding another one is slow, and must not be tried on all.
    left join team_lookups as other_teams
        on
            case
                when {{ events }}.team_tag is not null and tagged_teams.team_id is null
                    then {{ llm_chargeback.text_key(other_team_tag) }}
            end = other_teams.lookup_key
            and {{ events }}.event_at >= other_teams.valid_from
            and {{ events }}.event_at < other_teams.valid_to
    left join feature_lookups as tagged_features
        on
            {{ llm_chargeback.text_key(events ~ '.feature_tag') }} = tagged_features.lookup_key
            and {{ events }}.event_at >= tagged_features.valid_from
            and {{ events }}.event_at < tagged_features.valid_to
    left join api_key_owners as key_owners
        on
            {{ events }}.api_key_id = key_owners.api_key_id
            and {{ events }}.event_at >= key_owners.valid_from
            and {{ events }}.event_at < key_owners.valid_to
    left join team_lookups as key_teams
        on
            {{ llm_chargeback.text_key(events ~ '.key_team_tag') }} = key_teams.lookup_key
            and {{ events }}.event_at >= key_teams.valid_from
            and {{ events }}.event_at < key_teams.valid_to
    -- A condition on the event alone would keep DuckDB from joining by hash.
    left join user_teams
        on
            case when not {{ events }}.is_user_inherited then {{ events }}.user_id end
            = user_teams.user_id
            and {{ events }}.event_at >= user_teams.valid_from
            and {{ events }}.event_at < user_teams.valid_to
    left join tooling_owners as tool_keys
        on
            tool_keys.match_on = 'api_key'
            and {{ llm_chargeback.text_key(events ~ '.api_key_id') }} = tool_keys.pattern
            and {{ events }}.event_at >= tool_keys.valid_from
            and {{ events }}.event_at < tool_keys.valid_to
    left join tooling_owners as tool_services
        on
            tool_services.match_on = 'service_name'
            and {{ llm_chargeback.text_key(events ~ '.service_name') }} = tool_services.pattern
            and {{ events }}.event_at >= tool_services.valid_from
            and {{ events }}.event_at < tool_services.valid_to
    -- A span had its owner when it began: the team may have closed before the call was made.
    left join team_lookups as ancestor_teams
        on
            {{ llm_chargeback.text_key(events ~ '.ancestor_team_id') }} = ancestor_teams.lookup_key
            and {{ events }}.event_at >= ancestor_teams.valid_from
            and {{ events }}.event_at < ancestor_teams.valid_to
    left join team_lookups as trace_teams
        on
            {{ llm_chargeback.text_key(events ~ '.trace_team_id') }} = trace_teams.lookup_key
            and {{ events }}.event_at >= trace_teams.valid_from
            and {{ events }}.event_at < trace_teams.valid_to
{%- endmacro %}
