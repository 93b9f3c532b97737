{{ config(materialized='table') }}

-- The seed's test refuses a feature that is listed twice; without it, its events must not double.
with features as (

    select
        feature_id,
        min(feature_name) as feature_name,
        min(team_id) as team_id,
        min(project) as project
    from {{ ref('features') }}
    group by feature_id

),

feature_aliases as (

    select * from {{ ref('feature_aliases') }}

),

team_lookups as (

    select * from {{ ref('int_team_lookups') }}

),

names as (

    select
        {{ text_key('feature_id') }} as lookup_key,
        feature_id,
        1 as preference
    from features

    union all

    select
        {{ text_key('feature_name') }} as lookup_key,
        feature_id,
        2 as preference
    from features

    union all

    select
        {{ text_key('feature_aliases.alias') }} as lookup_key,
        features.feature_id,
        3 as preference
    from feature_aliases
    inner join features
        on feature_aliases.feature_id = features.feature_id

),

preferred_names as (

    select
        lookup_key,
        feature_id,
        row_number() over (
            partition by lookup_key
            order by preference, feature_id
        ) as preference_rank
    from names
    where lookup_key is not null

),

lookups as (

    select
        preferred_names.lookup_key,
        features.feature_id,
        features.project,
        team_lookups.team_id,
        team_lookups.valid_from as team_valid_from,
        team_lookups.valid_to as team_valid_to
    from preferred_names
    inner join features
        on preferred_names.feature_id = features.feature_id
    left join team_lookups
        on {{ text_key('features.team_id') }} = team_lookups.lookup_key
    where preferred_names.preference_rank = 1

)

select * from lookups
