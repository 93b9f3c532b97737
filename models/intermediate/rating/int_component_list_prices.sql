{{ config(materialized='table') }}

with cells as (

    select * from {{ ref('int_rate_card_cells') }}

),

card_prices as (

    select * from {{ ref('int_rate_card_prices') }}

),

ancestors as (

    {{ component_ancestors() }}

),

-- Of the rows that hold in a cell, the company's own go first, then that of the highest threshold,
-- then that of the shortest window.
ranked_prices as (

    select
        cells.cell_id,
        card_prices.component,
        card_prices.currency,
        card_prices.unit_price,
        card_prices.min_quantity,
        row_number() over (
            partition by cells.cell_id, card_prices.component
            order by
                card_prices.precedence asc,
                card_prices.input_tokens_from desc,
                card_prices.minute_to - card_prices.minute_from asc,
                card_prices.effective_from desc,
                card_prices.unit_price desc
        ) as price_rank
    from cells
    inner join card_prices
        on
            cells.provider = card_prices.provider
            and cells.model_id = card_prices.model_id
            and cells.service_tier = card_prices.service_tier
            and cells.region = card_prices.region
            and cells.valid_from >= card_prices.effective_from
            and cells.valid_to <= card_prices.effective_to
            and cells.input_tokens_from >= card_prices.input_tokens_from
            and cells.minute_from >= card_prices.minute_from
            and cells.minute_to <= card_prices.minute_to

),

-- A component without a price of its own costs what its nearest parent does.
ranked_ancestors as (

    select
        ranked_prices.cell_id,
        ancestors.component,
        ancestors.distance,
        ranked_prices.currency,
        ranked_prices.unit_price,
        ranked_prices.min_quantity,
        row_number() over (
            partition by ranked_prices.cell_id, ancestors.component
            order by ancestors.distance
        ) as ancestor_rank
    from ranked_prices
    inner join ancestors
        on ranked_prices.component = ancestors.ancestor
    where ranked_prices.price_rank = 1

),

list_prices as (

    select
        cell_id,
        component,
        distance,
        currency,
        unit_price,
        min_quantity
    from ranked_ancestors
    where ancestor_rank = 1

)

select * from list_prices
