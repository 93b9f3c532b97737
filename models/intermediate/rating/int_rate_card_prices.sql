{{ config(materialized='table') }}

{#- A card is what a provider asks for a model in a service tier and a region: every row of a price
    that holds there. #}

with prices as (

    select * from {{ ref('int_prices_unioned') }}

),

rates_agreed as (

    select * from {{ ref('int_rates_agreed') }}

),

regions as (

    select
        provider,
        model_id,
        service_tier,
        region,
        max(case when is_own then 0 else 1 end) = 1 as is_listed
    from prices
    group by
        provider,
        model_id,
        service_tier,
        region

),

cards as (

    select
        provider,
        model_id,
        service_tier,
        region,
        is_listed
    from regions

    union all

    -- Where a region has a rate of its own it needs a card.
    select distinct
        regions.provider,
        regions.model_id,
        regions.service_tier,
        rates_agreed.region,
        false as is_listed
    from regions
    inner join rates_agreed
        on
            regions.provider = rates_agreed.provider
            and regions.region = ''
            and regions.model_id = coalesce(rates_agreed.model_id, regions.model_id)
            and regions.service_tier = coalesce(rates_agreed.service_tier, regions.service_tier)
    left join regions as own_regions
        on
            regions.provider = own_regions.provider
            and regions.model_id = own_regions.model_id
            and regions.service_tier = own_regions.service_tier
            and rates_agreed.region = own_regions.region
    where
        rates_agreed.region is not null
        and own_regions.provider is null

),

-- A region that the price book knows has all its prices there; any other asks those that hold
-- everywhere. What a company pays everywhere it pays in each region.
card_prices as (

    select
        cards.provider,
        cards.model_id,
        cards.service_tier,
        cards.region,
        prices.component,
        prices.currency,
        case
            when not prices.is_own then 3
            when prices.region = cards.region then 1
            else 2
        end as precedence,
        prices.unit_price,
        prices.min_quantity,
        prices.effective_from,
        prices.effective_to,
        prices.input_tokens_from,
        prices.minute_from,
        prices.minute_to
    from cards
    inner join prices
        on
            cards.provider = prices.provider
            and cards.model_id = prices.model_id
            and cards.service_tier = prices.service_tier
            and (
                cards.region = prices.region
                or (prices.region = '' and (prices.is_own or not cards.is_listed))
            )

)

select * from card_prices
