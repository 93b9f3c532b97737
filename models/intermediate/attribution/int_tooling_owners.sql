{{ config(materialized='table') }}

with internal_tooling as (

    select * from {{ ref('internal_tooling') }}

),

platform_teams as (

    select
        team_id,
        valid_from,
        valid_to,
        'platform' as scope
    from {{ ref('int_teams_unioned') }}
    where is_platform

),

exclusive as (

    {{ exclusive_ranges('platform_teams', 'scope', ['team_id'], ['team_id desc']) }}

),

patterns as (

    select distinct
        match_on,
        {{ text_key('pattern') }} as pattern
    from internal_tooling

),

owners as (

    select
        patterns.match_on,
        patterns.pattern,
        exclusive.team_id,
        exclusive.valid_from,
        exclusive.valid_to
    from patterns
    cross join exclusive
    where patterns.pattern is not null

)

select * from owners
