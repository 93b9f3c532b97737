{#- The examples of the seed take the way of events: the same macros give them their owner. #}
{%- set rules = ownership_rules() %}

with examples as (

    select
        example,
        expected_team,
        expected_rule,
        event_at,
        source as source_name,
        {{ text_key('operation') }} as operation,
        {{ text_key('provider') }} as provider_name,
        {{ text_key('model') }} as model_name,
        cast(null as {{ dbt.type_string() }}) as model_alternative_name,
        team_tag,
        feature_tag,
        project_tag,
        environment as environment_tag,
        owner_tag,
        {{ text_key('purpose') }} as purpose,
        {{ text_key('eval_scope') }} as eval_scope,
        api_key_id,
        api_key_alias,
        cast(null as {{ dbt.type_string() }}) as key_team_tag,
        user_id,
        service as service_name,
        -- Written key:value, with a semicolon between two.
        '["' || replace(tags, ';', '","') || '"]' as tag_list,
        {{ text_key('ancestor_team') }} as ancestor_team_id,
        {{ text_key('trace_team') }} as trace_team_id,
        false as is_feature_inherited,
        false as is_user_inherited
    from {{ ref('ownership_examples') }}

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

candidates as (

    {{ owner_candidates('examples') }}

),

ranked as (

    select
        *,
        {{ ownership_rank(rules) }} as attribution_rank
    from candidates

),

attributed as (

    select
        *,
        {{ ownership_result(rules) }}
        {{ text_key('expected_team') }} as expected_team_id,
        {{ text_key('expected_rule') }} as expected_rule_id
    from ranked

),

compared as (

    select
        example,
        team_id,
        expected_team_id,
        ownership_rule_id,
        expected_rule_id,
        attribution_method,
        ownership_trail,
        team_id = expected_team_id
        and coalesce(ownership_rule_id = expected_rule_id, expected_rule_id is null)
            as is_as_expected,
        event_at
    from attributed

)

select * from compared
