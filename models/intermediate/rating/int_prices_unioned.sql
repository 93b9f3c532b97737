{#- Own prices win over the price book, and what is said of a region over what holds everywhere. #}

{%- set columns = [
    'provider', 'model', 'region', 'service_tier', 'component', 'unit', 'price', 'currency',
    'effective_from', 'effective_to', 'min_input_tokens', 'threshold_operator', 'days_of_week',
    'daily_from', 'daily_to', 'min_quantity',
] %}

with price_book as (

    select
        {{ columns | join(',\n        ') }},
        false as is_own
    from {{ ref('price_book') }}

),

price_overrides as (

    select
        {{ columns | join(',\n        ') }},
        true as is_own
    from {{ ref('price_overrides') }}

),

listed as (

    select * from price_book
    union all
    select * from price_overrides

),

read_prices as (

    select
        {{ text_key('provider') }} as provider,
        {{ text_key('model') }} as model_id,
        coalesce({{ text_key('region') }}, '') as region,
        service_tier,
        component,
        upper(trim(currency)) as currency,
        is_own,
        {{ price_per_unit('price', 'unit') }} as unit_price,
        min_quantity,
        effective_from,
        coalesce(effective_to, {{ last_timestamp() }}) as effective_to,
        -- Providers differ in whether the threshold itself counts as above.
        case
            when coalesce(min_input_tokens, 0) > 0 and threshold_operator = '>'
                then min_input_tokens + 1
            else coalesce(min_input_tokens, 0)
        end as input_tokens_from,
        daily_from is null and days_of_week is null as is_all_week,
        coalesce(days_of_week, '1234567') as days_of_week,
        case
            when daily_from is null then 0
            else
                cast(left(daily_from, 2) as integer) * 60
                + cast(substring(daily_from from 4 for 2) as integer)
        end as daily_minute_from,
        case
            when daily_to is null then 1440
            else
                cast(left(daily_to, 2) as integer) * 60
                + cast(substring(daily_to from 4 for 2) as integer)
        end as daily_minute_to
    from listed

),

weekdays as (

    {% for weekday in range(1, 8) -%}
    select {{ weekday }} as weekday
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

-- A window of some days is one row for each of them, in minutes since Monday.
weekly_prices as (

    select
        read_prices.provider,
        read_prices.model_id,
        read_prices.region,
        read_prices.service_tier,
        read_prices.component,
        read_prices.currency,
        read_prices.is_own,
        read_prices.unit_price,
        read_prices.min_quantity,
        read_prices.effective_from,
        read_prices.effective_to,
        read_prices.input_tokens_from,
        coalesce((weekdays.weekday - 1) * 1440 + read_prices.daily_minute_from, 0) as minute_from,
        coalesce((weekdays.weekday - 1) * 1440 + read_prices.daily_minute_to, 10080) as minute_to
    from read_prices
    left join weekdays
        on
            not read_prices.is_all_week
            and position(
                cast(weekdays.weekday as {{ dbt.type_string() }}) in read_prices.days_of_week
            ) > 0

)

select * from weekly_prices
