-- A fixed price in another currency than the list price is not used: the list price would hold
-- again in silence. Counted is the time since the first usage.
with rates as (

    select * from {{ ref('int_rates_agreed') }}
    where currency is not null

),

cells as (

    select * from {{ ref('int_rate_card_cells') }}

),

component_prices as (

    select * from {{ ref('int_component_prices') }}

),

first_days as (

    select min(event_date) as first_date
    from {{ ref('int_usage_event_days') }}

)

select
    rates.rate_id,
    rates.currency,
    cells.provider,
    cells.model_id,
    cells.service_tier,
    cells.region,
    component_prices.currency as list_currency,
    min(cells.valid_from) as valid_from
from rates
inner join cells
    on
        rates.provider = cells.provider
        and rates.valid_from < cells.valid_to
        and rates.valid_to > cells.valid_from
        and coalesce(rates.model_id, cells.model_id) = cells.model_id
        and coalesce(rates.region, cells.region) = cells.region
        and coalesce(rates.service_tier, cells.service_tier) = cells.service_tier
inner join first_days
    on cells.valid_to > cast(first_days.first_date as timestamp)
inner join component_prices
    on
        cells.cell_id = component_prices.cell_id
        and rates.component = component_prices.component
        and rates.currency <> component_prices.currency
group by
    rates.rate_id,
    rates.currency,
    cells.provider,
    cells.model_id,
    cells.service_tier,
    cells.region,
    component_prices.currency
