{{ config(materialized='table') }}

with directory_keys as (

    select * from {{ ref('stg_directory__api_keys') }}

),

litellm_keys as (

    select * from {{ ref('stg_litellm__keys') }}

),

team_lookups as (

    select * from {{ ref('int_team_lookups') }}

),

directory_owners as (

    select
        directory_keys.api_key_id,
        team_lookups.team_id,
        team_lookups.valid_from as team_valid_from,
        team_lookups.valid_to as team_valid_to,
        directory_keys.user_id,
        directory_keys.api_key_alias,
        directory_keys.valid_from,
        directory_keys.valid_to,
        'directory' as owner_source
    from directory_keys
    left join team_lookups
        on {{ text_key('directory_keys.team_tag') }} = team_lookups.lookup_key

),

gateway_owners as (

    select
        litellm_keys.api_key_id,
        team_lookups.team_id,
        team_lookups.valid_from as team_valid_from,
        team_lookups.valid_to as team_valid_to,
        litellm_keys.user_id,
        litellm_keys.api_key_alias,
        {{ first_timestamp() }} as valid_from,
        {{ last_timestamp() }} as valid_to,
        'litellm' as owner_source
    from litellm_keys
    left join directory_owners
        on litellm_keys.api_key_id = directory_owners.api_key_id
    left join team_lookups
        on {{ text_key('litellm_keys.litellm_team_id') }} = team_lookups.lookup_key
    where directory_owners.api_key_id is null

),

unioned as (

    select * from directory_owners
    union all
    select * from gateway_owners

),

exclusive as (

    {{ exclusive_ranges(
        'unioned',
        'api_key_id',
        [
            'team_id', 'team_valid_from', 'team_valid_to', 'user_id', 'api_key_alias',
            'owner_source'
        ]
    ) }}

),

-- The key of a team that is closed is nobody's.
clipped as (

    select
        api_key_id,
        team_id,
        user_id,
        api_key_alias,
        owner_source,
        greatest(valid_from, coalesce(team_valid_from, valid_from)) as valid_from,
        least(valid_to, coalesce(team_valid_to, valid_to)) as valid_to
    from exclusive

)

select * from clipped
where valid_from < valid_to
