{{ config(materialized='table') }}

{%- set components = [
    'input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output', 'reasoning', 'input_audio',
    'output_audio', 'request', 'search_unit', 'read_unit', 'write_unit', 'generated_image',
    'egress_gb'
] %}
{%- set card_columns = [
    'provider', 'model_id', 'service_tier', 'component', 'usd_per_unit', 'effective_from',
    'effective_to', 'input_tokens_from'
] %}

with price_book as (

    select
        provider,
        model as model_id,
        service_tier,
        component,
        cast(
            price
            * case
                when unit like 'per_million%' then cast(0.000001 as numeric(7, 6))
                when unit like 'per_thousand%' then cast(0.001 as numeric(7, 6))
                else cast(1 as numeric(7, 6))
            end
            as {{ type_unit_price() }}
        ) as usd_per_unit,
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
    from {{ ref('price_book') }}
    where
        currency = 'USD'
        and coalesce(region, '') = ''

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
        {{ card_columns | join(',\n        ') }},
        0 as minute_from,
        10080 as minute_to
    from price_book
    where is_all_week

    union all

    select
        {{ card_columns | join(',\n        ') }},
        (weekdays.weekday - 1) * 1440 + price_book.daily_minute_from as minute_from,
        (weekdays.weekday - 1) * 1440 + price_book.daily_minute_to as minute_to
    from price_book
    inner join weekdays
        on
            position(
                cast(weekdays.weekday as {{ dbt.type_string() }}) in price_book.days_of_week
            ) > 0
    where not price_book.is_all_week

),

date_cuts as (

    select
        provider,
        model_id,
        service_tier,
        effective_from as cut_at
    from price_book

    union

    select
        provider,
        model_id,
        service_tier,
        effective_to as cut_at
    from price_book

),

date_ranges as (

    select
        provider,
        model_id,
        service_tier,
        cut_at as valid_from,
        lead(cut_at) over (
            partition by provider, model_id, service_tier
            order by cut_at
        ) as valid_to
    from date_cuts

),

pivoted as (

    select
        date_ranges.provider,
        date_ranges.model_id,
        date_ranges.service_tier,
        weekly_prices.input_tokens_from,
        weekly_prices.minute_from,
        weekly_prices.minute_to,
        {% for component in components -%}
        cast(
            max(
                case
                    when weekly_prices.component = '{{ component }}'
                        then weekly_prices.usd_per_unit
                end
            )
            as {{ type_unit_price() }}
        ) as {{ component }}_usd,
        {% endfor -%}
        date_ranges.valid_from,
        date_ranges.valid_to
    from date_ranges
    inner join weekly_prices
        on
            date_ranges.provider = weekly_prices.provider
            and date_ranges.model_id = weekly_prices.model_id
            and date_ranges.service_tier = weekly_prices.service_tier
            and date_ranges.valid_from >= weekly_prices.effective_from
            and date_ranges.valid_to <= weekly_prices.effective_to
    group by
        date_ranges.provider,
        date_ranges.model_id,
        date_ranges.service_tier,
        date_ranges.valid_from,
        date_ranges.valid_to,
        weekly_prices.input_tokens_from,
        weekly_prices.minute_from,
        weekly_prices.minute_to

),

bounded as (

    select
        provider,
        model_id,
        service_tier,
        valid_from,
        valid_to,
        input_tokens_from,
        coalesce(
            lead(input_tokens_from) over (
                partition by provider, model_id, service_tier, valid_from, minute_from
                order by input_tokens_from
            ),
            9223372036854775807
        ) as input_tokens_to,
        minute_from,
        minute_to,
        input_usd,
        -- A component without a price of its own costs what its parent does.
        coalesce(cache_read_usd, input_usd) as cache_read_usd,
        coalesce(cache_write_5m_usd, input_usd) as cache_write_5m_usd,
        coalesce(cache_write_1h_usd, cache_write_5m_usd, input_usd) as cache_write_1h_usd,
        output_usd,
        coalesce(reasoning_usd, output_usd) as reasoning_usd,
        coalesce(input_audio_usd, input_usd) as input_audio_usd,
        coalesce(output_audio_usd, output_usd) as output_audio_usd,
        coalesce(request_usd, cast(0 as {{ type_unit_price() }})) as request_usd,
        search_unit_usd,
        read_unit_usd,
        write_unit_usd,
        generated_image_usd,
        cast(egress_gb_usd * cast(0.000000001 as numeric(10, 9)) as {{ type_unit_price() }})
            as egress_byte_usd
    from pivoted

)

select * from bounded
