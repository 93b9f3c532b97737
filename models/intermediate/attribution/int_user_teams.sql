{{ config(materialized='table') }}

with directory_users as (

    select * from {{ ref('stg_directory__users') }}

),

litellm_users as (

    select * from {{ ref('stg_litellm__users') }}

),

team_lookups as (

    select * from {{ ref('int_team_lookups') }}

),

directory_teams as (

    select
        directory_users.user_id,
        team_lookups.team_id,
        team_lookups.valid_from as team_valid_from,
        team_lookups.valid_to as team_valid_to,
        directory_users.valid_from,
        directory_users.valid_to
    from directory_users
    left join team_lookups
        on {{ text_key('directory_users.team_tag') }} = team_lookups.lookup_key

),

gateway_teams as (

    select
        litellm_users.user_id,
        team_lookups.team_id,
        team_lookups.valid_from as team_valid_from,
        team_lookups.valid_to as team_valid_to,
        {{ first_timestamp() }} as valid_from,
        {{ last_timestamp() }} as valid_to
    from litellm_users
    inner join team_lookups
        on {{ text_key('litellm_users.litellm_team_id') }} = team_lookups.lookup_key
    left join directory_teams
        on litellm_users.user_id = directory_teams.user_id
    where directory_teams.user_id is null

),

unioned as (

    select * from directory_teams
    union all
    select * from gateway_teams

),

exclusive as (

    {{ exclusive_ranges(
        'unioned', 'user_id', ['team_id', 'team_valid_from', 'team_valid_to']
    ) }}

),

-- Whoever is in a team that is closed is in none.
clipped as (

    select
        user_id,
        team_id,
        greatest(valid_from, coalesce(team_valid_from, valid_from)) as valid_from,
        least(valid_to, coalesce(team_valid_to, valid_to)) as valid_to
    from exclusive

)

select * from clipped
where valid_from < valid_to
