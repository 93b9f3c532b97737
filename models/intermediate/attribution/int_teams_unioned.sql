{{ config(materialized='table') }}

with teams as (

    select * from {{ ref('teams') }}

),

team_aliases as (

    select * from {{ ref('team_aliases') }}

),

litellm_teams as (

    select * from {{ ref('stg_litellm__teams') }}

),

company_names as (

    select {{ text_key('team_id') }} as lookup_key from teams
    union
    select {{ text_key('team_name') }} from teams
    union
    select {{ text_key('alias') }} from team_aliases

),

company_teams as (

    select
        team_id,
        team_name,
        department,
        cost_center,
        owner,
        coalesce({{ text_key('mode') }}, 'showback') as mode,
        'company' as team_source,
        coalesce(is_platform, false) as is_platform,
        coalesce(cast(valid_from as timestamp), {{ first_timestamp() }}) as valid_from,
        coalesce(cast(valid_to as timestamp), {{ last_timestamp() }}) as valid_to
    from teams

),

gateway_teams as (

    select
        {{ text_key('litellm_teams.team_name') }} as team_id,
        min(litellm_teams.team_name) as team_name,
        cast(null as {{ dbt.type_string() }}) as department,
        min(litellm_teams.cost_center) as cost_center,
        min(litellm_teams.owner) as owner,
        'showback' as mode,
        'litellm' as team_source,
        false as is_platform,
        {{ first_timestamp() }} as valid_from,
        {{ last_timestamp() }} as valid_to
    from litellm_teams
    left join company_names
        on {{ text_key('litellm_teams.team_name') }} = company_names.lookup_key
    where company_names.lookup_key is null
    group by {{ text_key('litellm_teams.team_name') }}

),

unallocated as (

    select
        'unallocated' as team_id,
        'Unallocated' as team_name,
        cast(null as {{ dbt.type_string() }}) as department,
        cast(null as {{ dbt.type_string() }}) as cost_center,
        cast(null as {{ dbt.type_string() }}) as owner,
        'visibility' as mode,
        'built-in' as team_source,
        false as is_platform,
        {{ first_timestamp() }} as valid_from,
        {{ last_timestamp() }} as valid_to

),

unioned as (

    select * from company_teams
    union all
    select * from gateway_teams
    union all
    select * from unallocated

)

select * from unioned
