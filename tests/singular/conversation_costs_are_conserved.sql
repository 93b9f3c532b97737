-- Turns are the calls with input of sessions that have several, each once, with its money.
with usage_events as (

    select * from {{ ref('fct_usage_events') }}

),

sessions as (

    select
        session_key,
        count(*) as turn_count,
        sum(coalesce(list_cost_usd, 0)) as cost_usd
    from usage_events
    where
        operation = 'chat'
        and input_tokens > 0
        and session_key is not null
    group by session_key
    having count(*) > 1

),

sides as (

    select
        'turns' as mart,
        turn_count,
        cost_usd
    from sessions

    union all

    select
        'turns' as mart,
        -1 as turn_count,
        -list_cost_usd as cost_usd
    from {{ ref('int_conversation_turns') }}
    where turn_position is not null

    union all

    select
        'fct_context_growth' as mart,
        turn_count,
        cost_usd
    from sessions

    union all

    select
        'fct_context_growth' as mart,
        -turn_count as turn_count,
        -list_cost_usd as cost_usd
    from {{ ref('fct_context_growth') }}

)

select
    mart,
    sum(turn_count) as turn_count_difference,
    sum(cost_usd) as cost_difference_usd
from sides
group by mart
having sum(turn_count) <> 0 or sum(cost_usd) <> 0
