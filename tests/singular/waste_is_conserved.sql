-- Each wasted event is in fct_error_waste once, with its tokens and its money.
with sides as (

    select
        event_date,
        team_id,
        1 as event_count,
        input_tokens + output_tokens as token_count,
        coalesce(list_cost_usd, 0) as list_cost_usd,
        case
            when
                status = 'failure'
                or lower(error_class) in ({{ quoted(var('abandoned_error_classes')) }})
                then coalesce(list_cost_usd, 0)
            else 0
        end as wasted_cost_usd
    from {{ ref('fct_usage_events') }}
    where
        status = 'failure'
        or is_retry
        or is_fallback
        or lower(error_class) in ({{ quoted(var('abandoned_error_classes')) }})

    union all

    select
        event_date,
        team_id,
        -event_count as event_count,
        -input_tokens - output_tokens as token_count,
        -list_cost_usd as list_cost_usd,
        -wasted_cost_usd as wasted_cost_usd
    from {{ ref('fct_error_waste') }}

)

select
    event_date,
    team_id,
    sum(event_count) as event_count_difference,
    sum(token_count) as token_difference,
    sum(list_cost_usd) as list_cost_difference_usd,
    sum(wasted_cost_usd) as wasted_cost_difference_usd
from sides
group by
    event_date,
    team_id
having
    sum(event_count) <> 0
    or sum(token_count) <> 0
    or sum(list_cost_usd) <> 0
    or sum(wasted_cost_usd) <> 0
