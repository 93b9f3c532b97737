-- Prices in another currency need a rate from the day on which they are valid; without one, nothing
-- is priced.
with prices as (

    select * from {{ ref('int_prices_pivoted') }}
    where usd_per_unit is null

),

first_days as (

    select min(event_date) as first_date
    from {{ ref('int_usage_event_days') }}

)

select
    prices.provider,
    prices.model_id,
    prices.service_tier,
    prices.currency,
    prices.valid_from,
    prices.valid_to
from prices
inner join first_days
    on prices.valid_to > cast(first_days.first_date as timestamp)
