-- A rate that no price takes: its scope names nothing in the price book, or its currency is not the
-- price's.
with rates as (

    select * from {{ ref('int_rates_agreed') }}

),

taken as (

    select distinct rate_id
    from {{ ref('int_component_prices') }}
    where rate_id is not null

)

select
    rates.rate_id,
    rates.provider,
    rates.model_id,
    rates.currency
from rates
left join taken
    on rates.rate_id = taken.rate_id
where taken.rate_id is null
