{%- set token_prices = {
    'text_input_tokens': 'input_usd',
    'input_audio_tokens': 'input_audio_usd',
    'cache_read_tokens': 'cache_read_usd',
    'cache_write_5m_tokens': 'cache_write_5m_usd',
    'cache_write_1h_tokens': 'cache_write_1h_usd',
    'text_output_tokens': 'output_usd',
    'output_audio_tokens': 'output_audio_usd',
    'reasoning_tokens': 'reasoning_usd',
    'output_images': 'generated_image_usd',
    'egress_bytes': 'egress_byte_usd',
} %}

with events as (

    select * from {{ ref('int_usage_events_attributed') }}

),

models as (

    select * from {{ ref('int_models_resolved') }}

),

model_names as (

    select * from {{ ref('int_model_names') }}

),

prices as (

    select * from {{ ref('int_prices_pivoted') }}

),

identified as (

    select
        events.*,
        case
            when models.match_type not in ('none', 'ambiguous') then models.provider
            else coalesce(alternatives.provider, models.provider, 'unknown')
        end as provider,
        case
            when models.match_type not in ('none', 'ambiguous') then models.model_id
            else coalesce(alternatives.model_id, models.model_id, events.model_name)
        end as model_id,
        events.uncached_input_tokens
        + events.cache_read_tokens
        + events.cache_write_5m_tokens
        + events.cache_write_1h_tokens as input_tokens,
        events.uncached_input_tokens - events.input_audio_tokens as text_input_tokens,
        events.output_tokens
        - events.output_audio_tokens
        - events.reasoning_tokens as text_output_tokens,
        cast(
            ({{ iso_weekday('events.event_at') }} - 1) * 1440
            + extract(hour from events.event_at) * 60
            + extract(minute from events.event_at)
            as integer
        ) as event_minute,
        case
            when events.reject_reason is not null then 'rejected'
            when not events.is_billed then 'not_billed'
            when
                {{ is_tool_operation('events.operation') }}
                and events.search_units = 0 and events.read_units = 0 and events.write_units = 0
                and events.uncached_input_tokens = 0
                and events.egress_bytes = 0
                then 'no_usage'
            when
                events.uncached_input_tokens + events.cache_read_tokens
                + events.cache_write_5m_tokens + events.cache_write_1h_tokens
                + events.output_tokens + events.output_images = 0
                and events.search_units = 0
                and events.read_units = 0
                and events.write_units = 0
                and events.egress_bytes = 0
                and events.operation not in ('image_generation', 'speech', 'transcription')
                and coalesce(events.reported_cost_usd, 0) = 0
                then 'no_usage'
        end as exemption
    from events
    left join models
        on
            coalesce(events.provider_name, '') = models.provider_name
            and events.model_name = models.model_name
    -- What the gateway or the request calls the model, where the logged name says nothing.
    left join model_names as alternatives
        on
            case
                when models.match_type in ('none', 'ambiguous') then models.provider
            end = alternatives.provider
            and events.model_alternative_name = alternatives.model_name

),

priced as (

    select
        identified.*,
        prices.provider is not null
        -- What was paid for without any quantity can only be a fee.
        and (
            identified.input_tokens <> 0
            or identified.output_tokens <> 0
            or identified.output_images <> 0
            or identified.search_units <> 0
            or identified.read_units <> 0
            or identified.write_units <> 0
            or identified.egress_bytes <> 0
            or prices.request_usd > 0
        )
        and (identified.input_tokens = 0 or prices.input_usd is not null)
        and (identified.output_tokens = 0 or prices.output_usd is not null)
        and (identified.output_images = 0 or prices.generated_image_usd is not null)
        and (identified.egress_bytes = 0 or prices.egress_byte_usd is not null)
        and (identified.search_units = 0 or prices.search_unit_usd is not null)
        and (identified.read_units = 0 or prices.read_unit_usd is not null)
        and (identified.write_units = 0 or prices.write_unit_usd is not null) as has_price,
        cast(
            prices.request_usd * coalesce(identified.request_count, 1)
            {%- for tokens, price in token_prices.items() %}
            + identified.{{ tokens }} * coalesce(prices.{{ price }}, 0)
            {%- endfor %}
            as {{ type_money() }}
        )
        + {{ units_times_price('identified.search_units', 'prices.search_unit_usd') }}
        + {{ units_times_price('identified.read_units', 'prices.read_unit_usd') }}
        + {{ units_times_price('identified.write_units', 'prices.write_unit_usd') }}
            as full_cost_usd
    from identified
    left join prices
        on
            identified.provider = prices.provider
            and identified.model_id = prices.model_id
            and identified.service_tier = prices.service_tier
            and identified.event_at >= prices.valid_from
            and identified.event_at < prices.valid_to
            -- A bucket of many requests goes by the length of one.
            and coalesce(identified.request_input_tokens, identified.input_tokens)
            >= prices.input_tokens_from
            and coalesce(identified.request_input_tokens, identified.input_tokens)
            < prices.input_tokens_to
            and identified.event_minute >= prices.minute_from
            and identified.event_minute < prices.minute_to

),

rated as (

    select
        *,
        case
            when exemption is not null then exemption
            when is_gateway_cache_hit then 'gateway_cache_hit'
            when has_price then 'priced'
            else 'unpriced'
        end as pricing_status,
        cast(
            case
                when exemption is not null or is_gateway_cache_hit then 0
                when has_price then full_cost_usd
            end
            as {{ type_money() }}
        ) as list_cost_usd,
        cast(
            case
                when exemption is null and is_gateway_cache_hit and has_price then full_cost_usd
                else 0
            end
            as {{ type_money() }}
        ) as avoided_cost_usd
    from priced

)

-- Every column goes on; `int_usage_events_recorded` says which are kept.
select * from rated  -- noqa: AM04
