{%- set components = price_components() | selectattr('quantity') | list %}
{%- set rare_components = components | rejectattr('is_usual') | list %}
{%- set request_length = 'coalesce(located.request_input_tokens, located.input_tokens)' %}

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

-- Not from `prices`: engines keep a copy, all columns of it, of what is read twice.
regional_cards as (

    select distinct
        provider,
        model_id,
        service_tier,
        region
    from {{ ref('int_prices_pivoted') }}
    where region <> ''

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
        case
            when alternatives.model_id is not null then 'alternative'
            else coalesce(models.match_type, 'none')
        end as match_type,
        -- The name of a model says where it ran before anything else does.
        coalesce(models.region, events.region_name) as region,
        events.uncached_input_tokens
        + events.cache_read_tokens
        + events.cache_write_5m_tokens
        + events.cache_write_1h_tokens as input_tokens,
        coalesce(events.request_count, 1) as billed_requests,
        -- Tokens and calls together; what is rejected may have any number.
        case
            when events.reject_reason is null
                then
                    events.uncached_input_tokens
                    + events.cache_read_tokens
                    + events.cache_write_5m_tokens
                    + events.cache_write_1h_tokens
                    + events.output_tokens
                    + coalesce(events.request_count, 1)
        end as usual_quantity,
        events.uncached_input_tokens
        - events.input_audio_tokens
        - events.input_image_tokens
        - events.input_video_tokens as text_input_tokens,
        events.cache_read_tokens
        - events.cache_read_audio_tokens
        - events.cache_read_image_tokens as text_cache_read_tokens,
        events.output_tokens
        - events.output_audio_tokens
        - events.output_image_tokens
        - events.output_video_tokens
        - events.reasoning_tokens as text_output_tokens,
        (
            {%- for component in rare_components %}
            {{ 'or ' if not loop.first }}events.{{ component.quantity }} <> 0
            {%- endfor %}
        ) as has_rare_quantity,
        {{ minute_of_week('events.event_at') }} as event_minute
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

located as (

    select
        identified.*,
        coalesce(regional_cards.region, '') as price_region,
        case
            when identified.reject_reason is not null then 'rejected'
            when not identified.is_billed then 'not_billed'
            when identified.has_rare_quantity then null
            when
                {{ is_tool_operation('identified.operation') }}
                and identified.uncached_input_tokens = 0
                then 'no_usage'
            when
                identified.input_tokens + identified.output_tokens = 0
                and identified.operation not in ('image_generation', 'speech', 'transcription')
                and coalesce(identified.reported_cost_usd, 0) = 0
                then 'no_usage'
        end as exemption
    from identified
    left join regional_cards
        on
            identified.provider = regional_cards.provider
            and identified.model_id = regional_cards.model_id
            and identified.service_tier = regional_cards.service_tier
            and identified.region = regional_cards.region

),

priced as (

    select
        located.*,
        prices.currency,
        prices.usd_per_unit,
        prices.usd_per_unit is not null
        -- What was paid for without any quantity can only be a fee.
        and (
            located.input_tokens <> 0
            or located.output_tokens <> 0
            or located.has_rare_quantity
            or prices.request_price > 0
        )
        {%- for component in components if component.is_usual and not component.is_fee %}
        and {{ is_component_priced(component, 'located', 'prices') }}
        {%- endfor %}
        and (
            not located.has_rare_quantity
            or (
                {%- for component in rare_components %}
                {{ 'and ' if not loop.first -}}
                {{ is_component_priced(component, 'located', 'prices') }}
                {%- endfor %}
            )
        ) as has_price,
        {{ rated_cost('list', 'located', 'prices') }} as full_list_cost,
        case
            when prices.has_negotiated_rate
                then {{ rated_cost('negotiated', 'located', 'prices') }}
        end as full_negotiated_cost,
        prices.free_allowance as card_allowance,
        case
            when prices.free_allowance is not null
                then {{ rated_cost('allowance', 'located', 'prices') }}
        end as full_allowance_cost,
        case
            when prices.free_allowance is not null
                then {{ allowance_quantity('located', 'prices') }}
        end as full_allowance_quantity,
        case
            when
                located.cache_read_tokens <> 0
                or located.cache_write_5m_tokens <> 0
                or located.cache_write_1h_tokens <> 0
                then {{ cache_saving('located', 'prices') }}
        end as full_cache_saving,
        case
            when located.cache_write_5m_tokens <> 0 or located.cache_write_1h_tokens <> 0
                then {{ cache_write_cost('located', 'prices') }}
        end as full_cache_write_cost
    from located
    -- A bucket of many requests goes by the length of one.
    left join prices
        on
            {{ is_on_card('located', 'prices', request_length) }}

),

converted as (

    select
        *,
        {{ to_usd('full_list_cost') }} as full_list_cost_usd,
        {{ to_usd('coalesce(full_negotiated_cost, full_list_cost)') }} as full_negotiated_cost_usd,
        case
            when exemption is not null then exemption
            when is_gateway_cache_hit then 'gateway_cache_hit'
            when has_price then 'priced'
            else 'unpriced'
        end as pricing_status
    from priced

),

rated as (

    select
        *,
        cast(
            case
                when pricing_status = 'priced' then full_list_cost_usd
                when pricing_status <> 'unpriced' then 0
            end
            as {{ type_money() }}
        ) as list_cost_usd,
        cast(
            case
                when pricing_status = 'priced' then full_negotiated_cost_usd
                when pricing_status <> 'unpriced' then 0
            end
            as {{ type_money() }}
        ) as negotiated_cost_usd,
        cast(
            case
                when pricing_status = 'gateway_cache_hit' and has_price then full_list_cost_usd
                else 0
            end
            as {{ type_money() }}
        ) as avoided_cost_usd,
        {% for amount in ['cache_saving', 'cache_write_cost'] -%}
        cast(
            case when pricing_status = 'priced' then {{ to_usd('full_' ~ amount) }} end
            as {{ type_money() }}
        ) as {{ amount }}_usd,
        {% endfor -%}
        -- What may turn out to be free, when the period's use is known.
        case when pricing_status = 'priced' and full_allowance_quantity > 0 then card_allowance end
            as free_allowance,
        cast(
            case
                when pricing_status = 'priced' and full_allowance_quantity > 0
                    then full_allowance_quantity
            end
            as numeric(38, 9)
        ) as free_allowance_quantity,
        cast(
            case
                when pricing_status = 'priced' and full_allowance_quantity > 0
                    then {{ to_usd('full_allowance_cost') }}
            end
            as {{ type_money() }}
        ) as free_allowance_cost_usd,
        -- Both amounts are kept where the price is in another currency.
        case when pricing_status = 'priced' and currency <> 'USD' then currency end
            as pricing_currency,
        cast(
            case when pricing_status = 'priced' and currency <> 'USD' then full_list_cost end
            as {{ type_money() }}
        ) as pricing_currency_list_cost,
        cast(
            case
                when pricing_status = 'priced' and currency <> 'USD'
                    then coalesce(full_negotiated_cost, full_list_cost)
            end
            as {{ type_money() }}
        ) as pricing_currency_negotiated_cost
    from converted

)

-- Every column goes on; `int_usage_events_recorded` says which are kept.
select * from rated  -- noqa: AM04
