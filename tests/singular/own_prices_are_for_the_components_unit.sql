-- A price for a component the price book doesn't know, or for a thousand of what it counts by the
-- million.
with units as (

    select distinct
        component,
        unit
    from {{ ref('price_book') }}

),

own_prices as (

    select
        'price_overrides' as seed,
        provider,
        model,
        component,
        unit
    from {{ ref('price_overrides') }}

    union all

    select
        'negotiated_rates' as seed,
        provider,
        model,
        component,
        unit
    from {{ ref('negotiated_rates') }}
    where price is not null

)

select
    own_prices.*,
    units.unit as unit_of_the_component
from own_prices
left join units
    on own_prices.component = units.component
where
    units.unit is null
    or own_prices.unit <> units.unit
