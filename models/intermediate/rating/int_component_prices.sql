{{ config(materialized='table') }}

with cells as (

    select * from {{ ref('int_rate_card_cells') }}

),

list_prices as (

    select * from {{ ref('int_component_list_prices') }}

),

rates_agreed as (

    select * from {{ ref('int_rates_agreed') }}

),

-- What a provider gives for nothing in the standard tier, but for what has not been agreed to.
free_allowances as (

    select
        allowance,
        provider,
        model as model_id,
        component
    from {{ ref('free_allowances') }}
    where
        condition is null
        or allowance in ({{ quoted(var('agreed_allowances') or ['']) }})

),

ancestors as (

    {{ component_ancestors() }}

),

-- What is agreed for a component or a parent that pays for it: the narrowest scope wins.
ranked_rates as (

    select
        list_prices.cell_id,
        list_prices.component,
        rates_agreed.rate_id,
        rates_agreed.precedence,
        rates_agreed.discount,
        rates_agreed.unit_price,
        row_number() over (
            partition by list_prices.cell_id, list_prices.component
            order by
                rates_agreed.precedence,
                case when rates_agreed.model_id is null then 1 else 0 end,
                case when rates_agreed.region is null then 1 else 0 end,
                case when rates_agreed.service_tier is null then 1 else 0 end,
                case when rates_agreed.component is null then 1 else 0 end,
                ancestors.distance,
                rates_agreed.rate_id
        ) as rate_rank
    from list_prices
    inner join cells
        on list_prices.cell_id = cells.cell_id
    inner join rates_agreed
        on
            cells.provider = rates_agreed.provider
            and cells.valid_from >= rates_agreed.valid_from
            and cells.valid_to <= rates_agreed.valid_to
            and cells.model_id = coalesce(rates_agreed.model_id, cells.model_id)
            and cells.region = coalesce(rates_agreed.region, cells.region)
            and cells.service_tier = coalesce(rates_agreed.service_tier, cells.service_tier)
            and (rates_agreed.currency is null or list_prices.currency = rates_agreed.currency)
    inner join ancestors
        on
            list_prices.component = ancestors.component
            and coalesce(rates_agreed.component, list_prices.component) = ancestors.ancestor
            and list_prices.distance >= ancestors.distance

),

-- An allowance for a component is one for those whose price its own stands for too.
ranked_allowances as (

    select
        list_prices.cell_id,
        list_prices.component,
        free_allowances.allowance,
        row_number() over (
            partition by list_prices.cell_id, list_prices.component
            order by ancestors.distance, free_allowances.allowance
        ) as allowance_rank
    from list_prices
    inner join cells
        on
            list_prices.cell_id = cells.cell_id
            and cells.service_tier = 'standard'
    inner join ancestors
        on list_prices.component = ancestors.component
    inner join free_allowances
        on
            cells.provider = free_allowances.provider
            and cells.model_id = coalesce(free_allowances.model_id, cells.model_id)
            and ancestors.ancestor = free_allowances.component

),

priced as (

    select
        list_prices.cell_id,
        list_prices.component,
        list_prices.currency,
        list_prices.unit_price as list_price,
        cast(
            case
                when ranked_rates.rate_id is null then list_prices.unit_price
                when ranked_rates.unit_price is not null then ranked_rates.unit_price
                else list_prices.unit_price * (1 - ranked_rates.discount)
            end
            as {{ type_unit_price() }}
        ) as negotiated_price,
        ranked_rates.rate_id,
        -- Under reserved capacity nothing of an allowance is used up.
        case when coalesce(ranked_rates.precedence, 2) > 1 then ranked_allowances.allowance end
            as free_allowance,
        list_prices.min_quantity
    from list_prices
    left join ranked_rates
        on
            list_prices.cell_id = ranked_rates.cell_id
            and list_prices.component = ranked_rates.component
            and ranked_rates.rate_rank = 1
    left join ranked_allowances
        on
            list_prices.cell_id = ranked_allowances.cell_id
            and list_prices.component = ranked_allowances.component
            and ranked_allowances.allowance_rank = 1

)

select * from priced
