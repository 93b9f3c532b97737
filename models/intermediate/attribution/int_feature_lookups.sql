{{ config(materialized='table') }}

with features as (

    select
        feature_id,
        feature_name,
        team_id,
        project,
        coalesce(cast(valid_from as timestamp), {{ first_timestamp() }}) as valid_from,
        coalesce(cast(valid_to as timestamp), {{ last_timestamp() }}) as valid_to
    from {{ ref('features') }}

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

-- A feature has one owner at a moment.
owned as (

    {{ exclusive_ranges('features', 'feature_id', ['team_id', 'project']) }}

),

lookups as (

    select
        preferred_names.lookup_key,
        owned.feature_id,
        owned.project,
        team_lookups.team_id,
        owned.valid_from,
        owned.valid_to,
        team_lookups.valid_from as team_valid_from,
        team_lookups.valid_to as team_valid_to
    from preferred_names
    inner join owned
        on preferred_names.feature_id = owned.feature_id
    left join team_lookups
        on {{ text_key('owned.team_id') }} = team_lookups.lookup_key
    where preferred_names.preference_rank = 1

)

select * from lookups
