with openai as (

    select
        'openai' as provider,
        cost_date,
        amount,
        currency
    from {{ ref('stg_openai__costs') }}

),

anthropic as (

    select
        'anthropic' as provider,
        cost_date,
        amount,
        currency
    from {{ ref('stg_anthropic__costs') }}

),

unioned as (

    select * from openai
    union all
    select * from anthropic

),

costs as (

    select
        provider,
        cost_date,
        sum(case when currency = 'USD' then amount else 0 end) as provider_cost_usd,
        sum(case when coalesce(currency, '') <> 'USD' then 1 else 0 end) as other_currency_count
    from unioned
    where cost_date is not null
    group by
        provider,
        cost_date

),

events as (

    select
        provider,
        event_date,
        sum(coalesce(list_cost_usd, 0)) as list_cost_usd,
        sum(case when pricing_status = 'unpriced' then 1 else 0 end) as unpriced_event_count
    from {{ ref('int_usage_events_resolved') }}
    where
        row_status = 'event'
        and provider in (select costs.provider from costs)
    group by
        provider,
        event_date

),

final as (

    select
        costs.cost_date,
        costs.provider,
        {{ money('costs.provider_cost_usd') }} as provider_cost_usd,
        {{ money('coalesce(events.list_cost_usd, 0)') }} as list_cost_usd,
        {{ money('costs.provider_cost_usd - coalesce(events.list_cost_usd, 0)') }}
            as difference_usd,
        cast(coalesce(events.unpriced_event_count, 0) as bigint) as unpriced_event_count,
        cast(costs.other_currency_count as bigint) as other_currency_count
    from costs
    left join events
        on
            costs.provider = events.provider
            and costs.cost_date = events.event_date

)

select * from final
