with features as (

    select * from {{ ref('features') }}

),

team_daily_costs as (

    select * from {{ ref('fct_team_daily_costs') }}

),

-- Of a feature that changed hands, the last owner.
registered as (

    select
        feature_id,
        feature_name,
        team_id,
        project,
        product,
        row_number() over (
            partition by feature_id
            order by coalesce(valid_from, cast('1970-01-01' as date)) desc, team_id asc
        ) as newest_rank,
        true as is_registered
    from features

),

found as (

    select distinct team_daily_costs.feature_id
    from team_daily_costs
    left join registered
        on team_daily_costs.feature_id = registered.feature_id
    where
        registered.feature_id is null
        and team_daily_costs.feature_id <> 'unknown'

),

unioned as (

    select
        feature_id,
        feature_name,
        team_id,
        project,
        product,
        is_registered
    from registered
    where newest_rank = 1

    union all

    select
        feature_id,
        feature_id as feature_name,
        cast(null as {{ dbt.type_string() }}) as team_id,
        cast(null as {{ dbt.type_string() }}) as project,
        cast(null as {{ dbt.type_string() }}) as product,
        false as is_registered
    from found

    union all

    select
        'unknown' as feature_id,
        'Unknown' as feature_name,
        cast(null as {{ dbt.type_string() }}) as team_id,
        cast(null as {{ dbt.type_string() }}) as project,
        cast(null as {{ dbt.type_string() }}) as product,
        false as is_registered

)

select * from unioned
