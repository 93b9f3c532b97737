-- Every mart has the events and the money of the event table, day by day and team by team.
{%- set marts = {
    'fct_team_daily_costs': ['event_date', 'team_id', 'list_cost_usd', ''],
    'fct_feature_daily_costs': ['event_date', 'team_id', 'list_cost_usd', ''],
    'int_usage_events_summed': ['event_date', 'team_id', 'list_cost_usd', ''],
    'fct_cache_savings': ['event_date', 'team_id', 'list_cost_usd', ''],
    'fct_error_rates': ['event_date', 'team_id', 'list_cost_usd', ''],
    'fct_tag_coverage': ['event_date', 'team_id', 'cost_usd', "where tag = 'team'"],
} %}

with events as (

    select
        event_date,
        team_id,
        count(*) as event_count,
        sum(coalesce(list_cost_usd, 0)) as cost_usd
    from {{ ref('fct_usage_events') }}
    group by
        event_date,
        team_id

),

sides as (

    {% for mart, (date, team, cost, condition) in marts.items() -%}
    select
        '{{ mart }}' as mart,
        event_date,
        team_id,
        event_count,
        cost_usd
    from events

    union all

    select
        '{{ mart }}' as mart,
        {{ date }} as event_date,
        {{ team }} as team_id,
        -event_count as event_count,
        -{{ cost }} as cost_usd
    from {{ ref(mart) }}
    {{ condition }}
    {% if not loop.last -%}
    union all
    {% endif %}
    {% endfor %}

)

select
    mart,
    event_date,
    team_id,
    sum(event_count) as event_count_difference,
    sum(cost_usd) as cost_difference_usd
from sides
group by
    mart,
    event_date,
    team_id
having sum(event_count) <> 0 or sum(cost_usd) <> 0
