-- A call is paid in one currency: a cell whose prices are in two has no price, and says so here.
-- State the company's own price of every component that the card has.
with component_prices as (

    select * from {{ ref('int_component_prices') }}

),

cells as (

    select * from {{ ref('int_rate_card_cells') }}

)

select
    cells.provider,
    cells.model_id,
    cells.service_tier,
    cells.region,
    cells.valid_from,
    min(component_prices.currency) as currency,
    max(component_prices.currency) as other_currency
from component_prices
inner join cells
    on component_prices.cell_id = cells.cell_id
group by
    cells.provider,
    cells.model_id,
    cells.service_tier,
    cells.region,
    cells.valid_from
having min(component_prices.currency) <> max(component_prices.currency)
