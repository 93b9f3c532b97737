{{ config(materialized='table') }}

{#- Each card is cut wherever any of its prices begins or ends: in time, in the size of a request
    and in the week. #}

{%- set card = ['provider', 'model_id', 'service_tier', 'region'] %}

with card_prices as (

    select * from {{ ref('int_rate_card_prices') }}

),

rates_agreed as (

    select * from {{ ref('int_rates_agreed') }}

),

currency_rates as (

    select * from {{ ref('int_currency_rates') }}
    where currency <> 'USD'

),

card_currencies as (

    select distinct
        {{ card | join(',\n        ') }},
        currency
    from card_prices

),

time_cuts as (

    select
        {{ card | join(',\n        ') }},
        effective_from as cut_at
    from card_prices

    union

    select
        {{ card | join(',\n        ') }},
        effective_to as cut_at
    from card_prices

    {% for moment in ['valid_from', 'valid_to'] %}
    union

    select
        card_currencies.provider,
        card_currencies.model_id,
        card_currencies.service_tier,
        card_currencies.region,
        rates_agreed.{{ moment }} as cut_at
    from card_currencies
    inner join rates_agreed
        on
            card_currencies.provider = rates_agreed.provider
            and card_currencies.model_id = coalesce(rates_agreed.model_id, card_currencies.model_id)

    union

    select
        card_currencies.provider,
        card_currencies.model_id,
        card_currencies.service_tier,
        card_currencies.region,
        currency_rates.{{ moment }} as cut_at
    from card_currencies
    inner join currency_rates
        on card_currencies.currency = currency_rates.currency
    {% endfor %}

),

size_cuts as (

    select distinct
        {{ card | join(',\n        ') }},
        input_tokens_from as cut_at
    from card_prices

),

minute_cuts as (

    select
        {{ card | join(',\n        ') }},
        minute_from as cut_at
    from card_prices

    union

    select
        {{ card | join(',\n        ') }},
        minute_to as cut_at
    from card_prices

),

{% for cut in ['time', 'size', 'minute'] -%}
{{ cut }}_ranges as (

    select
        {{ card | join(',\n        ') }},
        cut_at as range_from,
        lead(cut_at) over (
            partition by {{ card | join(', ') }}
            order by cut_at
        ) as range_to
    from {{ cut }}_cuts

),

{% endfor -%}

cells as (

    select
        row_number() over (
            order by
                time_ranges.provider,
                time_ranges.model_id,
                time_ranges.service_tier,
                time_ranges.region,
                time_ranges.range_from,
                size_ranges.range_from,
                minute_ranges.range_from
        ) as cell_id,
        time_ranges.provider,
        time_ranges.model_id,
        time_ranges.service_tier,
        time_ranges.region,
        time_ranges.range_from as valid_from,
        time_ranges.range_to as valid_to,
        size_ranges.range_from as input_tokens_from,
        coalesce(size_ranges.range_to, 9223372036854775807) as input_tokens_to,
        minute_ranges.range_from as minute_from,
        minute_ranges.range_to as minute_to
    from time_ranges
    inner join size_ranges
        on
            time_ranges.provider = size_ranges.provider
            and time_ranges.model_id = size_ranges.model_id
            and time_ranges.service_tier = size_ranges.service_tier
            and time_ranges.region = size_ranges.region
    inner join minute_ranges
        on
            time_ranges.provider = minute_ranges.provider
            and time_ranges.model_id = minute_ranges.model_id
            and time_ranges.service_tier = minute_ranges.service_tier
            and time_ranges.region = minute_ranges.region
            and time_ranges.range_to is not null
            and minute_ranges.range_to is not null

)

select * from cells
