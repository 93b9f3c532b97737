{{ config(materialized='table') }}

with teams as (

    select * from {{ ref('int_teams_unioned') }}
    where team_id <> 'unallocated'

),

team_aliases as (

    select * from {{ ref('team_aliases') }}

),

litellm_teams as (

    select * from {{ ref('stg_litellm__teams') }}

),

names as (

    select
        {{ text_key('team_id') }} as lookup_key,
        team_id,
        valid_from,
        valid_to,
        1 as preference
    from teams

    union all

    select
        {{ text_key('team_name') }} as lookup_key,
        team_id,
        valid_from,
        valid_to,
        2 as preference
    from teams

    union all

    select
        {{ text_key('team_aliases.alias') }} as lookup_key,
        teams.team_id,
        teams.valid_from,
        teams.valid_to,
        3 as preference
    from team_aliases
    inner join teams
        on {{ text_key('team_aliases.team_id') }} = {{ text_key('teams.team_id') }}

),

preferred_names as (

    select
        lookup_key,
        team_id,
        valid_from,
        valid_to,
        row_number() over (
            partition by lookup_key
            order by preference, team_id, valid_from
        ) as preference_rank
    from names
    where lookup_key is not null

),

gateway_ids as (

    select
        {{ text_key('litellm_teams.litellm_team_id') }} as lookup_key,
        preferred_names.team_id,
        preferred_names.valid_from,
        preferred_names.valid_to,
        row_number() over (
            partition by {{ text_key('litellm_teams.litellm_team_id') }}
            order by preferred_names.team_id
        ) as preference_rank
    from litellm_teams
    inner join preferred_names
        on
            {{ text_key('litellm_teams.team_name') }} = preferred_names.lookup_key
            and preferred_names.preference_rank = 1
    left join preferred_names as taken
        on {{ text_key('litellm_teams.litellm_team_id') }} = taken.lookup_key
    where taken.lookup_key is null

),

lookups as (

    select * from preferred_names
    where preference_rank = 1

    union all

    select * from gateway_ids
    where preference_rank = 1

)

select
    lookup_key,
    team_id,
    valid_from,
    valid_to
from lookups
