with teams as (

    select * from {{ ref('int_teams_unioned') }}

),

final as (

    select
        team_id,
        team_name,
        coalesce(department, 'unknown') as department,
        cost_center,
        owner,
        mode,
        team_source,
        is_platform
    from teams

)

select * from final
