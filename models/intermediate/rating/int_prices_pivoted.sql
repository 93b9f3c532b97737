{{ config(materialized='table') }}

{%- set components = [
    'input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output', 'reasoning', 'input_audio',
    'output_audio', 'request', 'search_unit', 'read_unit', 'write_unit', 'generated_image',
    'egress_gb'
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
        case
            when daily_from is null then 0
            else
                cast(left(daily_from, 2) as integer) * 60
                + cast(substring(daily_from from 4 for 2) as integer)
        end as minute_from,
        case
            when daily_to is null then 1440
            else
                cast(left(daily_to, 2) as integer) * 60
                + cast(substring(daily_to from 4 for 2) as integer)
        end as minute_to
    from {{ ref('price_book') }}
    where
        currency = 'USD'
        and coalesce(region, '') = ''

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
        price_book.input_tokens_from,
        price_book.minute_from,
        price_book.minute_to,
        {% for component in components -%}
        cast(
            max(case when price_book.component = '{{ component }}' then price_book.usd_per_unit end)
            as {{ type_unit_price() }}
        ) as {{ component }}_usd,
        {% endfor -%}
        date_ranges.valid_from,
        date_ranges.valid_to
    from date_ranges
    inner join price_book
        on
            date_ranges.provider = price_book.provider
            and date_ranges.model_id = price_book.model_id
            and date_ranges.service_tier = price_book.service_tier
            and date_ranges.valid_from >= price_book.effective_from
            and date_ranges.valid_to <= price_book.effective_to
    group by
        date_ranges.provider,
        date_ranges.model_id,
        date_ranges.service_tier,
        date_ranges.valid_from,
        date_ranges.valid_to,
        price_book.input_tokens_from,
        price_book.minute_from,
        price_book.minute_to

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
