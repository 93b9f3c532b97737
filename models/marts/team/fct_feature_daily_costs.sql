{%- set measures = [
    'event_count', 'failed_event_count', 'gateway_cache_hit_count', 'unpriced_event_count',
    'estimated_event_count', 'input_tokens', 'cache_read_tokens', 'cache_write_tokens',
    'output_tokens', 'unpriced_tokens'
] %}
{%- set amounts = [
    'list_cost_usd', 'contracted_cost_usd', 'estimated_cost_usd', 'failed_cost_usd', 'avoided_cost_usd',
    'reported_cost_usd'
] %}

with team_daily_costs as (

    select * from {{ ref('fct_team_daily_costs') }}

),

daily as (

    select
        event_date,
        feature_id,
        team_id,
        environment,
        {%- for measure in measures %}
        cast(sum({{ measure }}) as bigint) as {{ measure }},
        {%- endfor %}
        {%- for amount in amounts %}
        {{ money('sum(' ~ amount ~ ')') }} as {{ amount }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from team_daily_costs
    group by
        event_date,
        feature_id,
        team_id,
        environment

)

select * from daily
