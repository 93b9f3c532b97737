-- What did each team spend on which feature, and how sure are we?
with team_daily_costs as (

    select * from {{ ref('fct_team_daily_costs') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

features as (

    select * from {{ ref('dim_features') }}

)

select
    teams.department,
    teams.team_name,
    features.feature_name,
    sum(team_daily_costs.event_count) as event_count,
    sum(team_daily_costs.list_cost_usd) as list_cost_usd,
    sum(team_daily_costs.estimated_cost_usd) as estimated_cost_usd,
    sum(team_daily_costs.unpriced_event_count) as unpriced_event_count
from team_daily_costs
inner join teams
    on team_daily_costs.team_id = teams.team_id
inner join features
    on team_daily_costs.feature_id = features.feature_id
group by
    teams.department,
    teams.team_name,
    features.feature_name
order by list_cost_usd desc
