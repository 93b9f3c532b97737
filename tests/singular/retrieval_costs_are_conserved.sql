-- The parts of a feature's retrieval are what the events of its retrieval cost, and with its
-- inference they are all that it costs; no feature with a retrieval is left out.
{%- set is_retrieval = 'operation in (' ~ quoted(store_part_operations().values()) ~ ')' %}

with events as (

    select
        {{ month_of('event_date') }} as period,
        team_id,
        feature_id,
        sum(case when {{ is_retrieval }} then 1 else 0 end) as retrieval_event_count,
        sum(case when {{ is_retrieval }} then coalesce(list_cost_usd, 0) else 0 end)
            as retrieval_cost_usd,
        sum(coalesce(list_cost_usd, 0)) as list_cost_usd
    from {{ ref('fct_usage_events') }}
    group by
        {{ month_of('event_date') }},
        team_id,
        feature_id
    having sum(case when {{ is_retrieval }} then 1 else 0 end) > 0

),

sides as (

    select * from events

    union all

    select
        period,
        team_id,
        feature_id,
        -retrieval_event_count as retrieval_event_count,
        -(
            {%- for part in store_parts() %}
            {{ part }}_cost_usd{{ ' +' if not loop.last }}
            {%- endfor %}
        ) as retrieval_cost_usd,
        -retrieval_cost_usd - inference_cost_usd as list_cost_usd
    from {{ ref('fct_retrieval_costs') }}

)

select
    period,
    team_id,
    feature_id,
    sum(retrieval_event_count) as event_count_difference,
    sum(retrieval_cost_usd) as retrieval_difference_usd,
    sum(list_cost_usd) as list_difference_usd
from sides
group by
    period,
    team_id,
    feature_id
having
    sum(retrieval_event_count) <> 0
    or sum(retrieval_cost_usd) <> 0
    or sum(list_cost_usd) <> 0
