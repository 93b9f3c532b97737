-- A rate that no price could take: its scope names nothing in the price book, or its currency is
-- not the price's. One that gives way to a narrower rate or to reserved capacity is none of these.
with rates as (

    select * from {{ ref('int_rates_agreed') }}

),

cells as (

    select * from {{ ref('int_rate_card_cells') }}

),

component_prices as (

    select * from {{ ref('int_component_prices') }}

),

applying as (

    select distinct
        rates.precedence,
        rates.rate_id
    from rates
    inner join cells
        on
            rates.provider = cells.provider
            and rates.valid_from < cells.valid_to
            and rates.valid_to > cells.valid_from
            and coalesce(rates.model_id, cells.model_id) = cells.model_id
            and coalesce(rates.region, cells.region) = cells.region
            and coalesce(rates.service_tier, cells.service_tier) = cells.service_tier
    inner join component_prices
        on
            cells.cell_id = component_prices.cell_id
            and coalesce(rates.component, component_prices.component) = component_prices.component
            and coalesce(rates.currency, component_prices.currency) = component_prices.currency

)

select
    rates.rate_id,
    rates.provider,
    rates.model_id,
    rates.component,
    rates.currency
from rates
left join applying
    on
        rates.precedence = applying.precedence
        and rates.rate_id = applying.rate_id
where applying.rate_id is null
