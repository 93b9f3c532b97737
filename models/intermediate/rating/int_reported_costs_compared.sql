{#- Why the source's own cost is not ours: the first cause that holds, in the order of the `case`.
    What only the events around it can tell (a running total) is found in `fct_reported_costs`. #}

with events as (

    select * from {{ ref('int_usage_events_resolved') }}
    where row_status = 'event'

),

priced_models as (

    select distinct
        provider,
        model_id
    from {{ ref('int_prices_pivoted') }}

),

highest_prices as (

    select cast(max(price) * 0.000001 as {{ type_unit_price() }}) as token_usd
    from {{ ref('price_book') }}
    where
        unit = 'per_million_tokens'
        and currency = 'USD'

),

compared as (

    select
        events.*,
        events.uncached_input_tokens
        + events.cache_read_tokens
        + events.cache_write_5m_tokens
        + events.cache_write_1h_tokens as input_tokens,
        abs(events.reported_cost_usd - events.list_cost_usd) as gap_usd,
        priced_models.model_id is not null as is_known_model,
        highest_prices.token_usd as highest_token_usd
    from events
    cross join highest_prices
    left join priced_models
        on
            case when events.pricing_status = 'unpriced' then events.provider end
            = priced_models.provider
            and events.model_id = priced_models.model_id

),

explained as (

    select
        *,
        case
            when reported_cost_usd is null and list_cost_usd is not null then 'not_reported'
            -- No call costs that: a list cost says so, or else the dearest token there is.
            when
                reported_cost_usd >= 1
                and (
                    (list_cost_usd > 0 and reported_cost_usd >= 1000 * list_cost_usd)
                    or (
                        coalesce(list_cost_usd, 0) = 0
                        and input_tokens + output_tokens > 0
                        {%- for quantity in rare_quantities() if not quantity.endswith('_tokens') %}
                        and coalesce({{ quantity }}, 0) = 0
                        {%- endfor %}
                        and reported_cost_usd
                        > {{ money('(input_tokens + output_tokens) * highest_token_usd') }}
                    )
                )
                then 'absurd'
            when is_gateway_cache_hit then 'gateway_cache'
            when list_cost_usd is null and not is_known_model then 'unknown_model'
            when list_cost_usd is null and service_tier <> 'standard' then 'tier'
            when list_cost_usd is null then 'no_price'
            -- Floats of 16 digits, as gateways reckon, are exact to 12 decimals.
            when gap_usd <= 0.000000000001 then 'agrees'
            {%- for decimals in range(6, 12) %}
            when
                reported_cost_usd > 0
                and gap_usd < 0.{{ '0' * (decimals - 1) }}1
                and reported_cost_usd = round(reported_cost_usd, {{ decimals }})
                then 'rounding'
            {%- endfor %}
            when status = 'failure' then 'failed_call'
            when usage_source = 'missing' then 'missing_usage'
            when usage_source = 'estimated' and search_units > 0 then 'assumed_units'
            when usage_source = 'estimated' then 'estimated_usage'
            when negotiated_cost_usd <> list_cost_usd then 'negotiated'
            when reported_cost_usd = 0 then 'reported_zero'
            when service_tier <> 'standard' then 'tier'
            else 'price_difference'
        end as cause
    from compared

),

final as (

    select
        ---------- ids
        event_id,
        coalesce(cast(trace_key as {{ dbt.type_string() }}), user_id) as sequence_key,

        ---------- strings
        source_name,
        provider,
        model_id,
        service_tier,
        cause,

        ---------- numerics
        input_tokens,
        output_tokens,
        list_cost_usd,
        negotiated_cost_usd,
        reported_cost_usd,

        ---------- dates
        event_date,

        ---------- timestamps
        event_at,

        ---------- load
        load_id,
        line_number,
        batch_id as last_load_id
    from explained

)

select * from final
