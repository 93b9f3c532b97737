{% macro cache_misses(events, condition) -%}
    {#- CTEs of `int_usage_events_summed`: input that a call probably sent again and paid in full.
        Makes `missed_calls`, a row per call that the provider's cache could have served in part.

        No prompts are loaded, so this is an estimate: a call of the same trace and model, not shorter
        than the one before it and begun while the cache keeps that one (`vars: prompt_cache_minutes`),
        begins with what that one sent. What of it was neither read from the cache nor written to it
        was missed. It is saved at the call's own prices, less what it costs to write it once.

        Arguments:
            events: relation with the columns of `fct_usage_events`; named where it is read, so that
                calls that are alone in their trace never meet a sort.
            condition: SQL condition of the days to look at.
    -#}
{%- set is_candidate -%}
{{ condition }}
        and operation = 'chat'
        and pricing_status = 'priced'
        and trace_key is not null
        and coalesce(request_count, 1) = 1
        and input_tokens >= {{ var('min_cached_tokens') }}
{%- endset -%}
{%- set dimensions = llm_chargeback.usage_dimensions() -%}
sequences as (

    select
        event_date,
        trace_key
    from {{ events }}
    where
        {{ is_candidate }}
    group by
        event_date,
        trace_key
    having count(*) > 1

),

followed as (

    select
        {%- for name, expression in dimensions.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        trace_key,
        service_tier,
        coalesce(price_region, '') as price_region,
        input_tokens,
        uncached_input_tokens
        - input_audio_tokens
        - input_image_tokens
        - input_video_tokens as text_input_tokens,
        cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens as cached_tokens,
        event_at,
        {{ llm_chargeback.minute_of_week('event_at') }} as event_minute,
        load_id,
        line_number,
        lag(input_tokens) over same_sequence as previous_input_tokens,
        lag(event_at) over same_sequence as previous_event_at
    from {{ events }}
    where
        {{ is_candidate }}
        and trace_key in (select sequences.trace_key from sequences)
    window same_sequence as (
        partition by event_date, trace_key, provider, model_id, service_tier
        order by event_at, load_id, line_number
    )

),

missed as (

    select
        *,
        case
            when
                input_tokens >= previous_input_tokens
                and event_at
                < {{ dbt.dateadd('minute', var('prompt_cache_minutes'), 'previous_event_at') }}
                then least(greatest(previous_input_tokens - cached_tokens, 0), text_input_tokens)
            else 0
        end as missed_tokens
    from followed

),

-- What the call before missed as well is in the cache by now.
written as (

    select
        *,
        greatest(
            missed_tokens - coalesce(lag(missed_tokens) over (
                partition by event_date, trace_key, provider, model_id, service_tier
                order by event_at, load_id, line_number
            ), 0),
            0
        ) as newly_written_tokens
    from missed

),

missed_calls as (

    select
        written.*,
        cards.currency,
        cards.usd_per_unit,
        {{ llm_chargeback.money(
            'written.missed_tokens * (cards.input_price - cards.cache_read_price)'
        ) }}
        - {{ llm_chargeback.money(
            'written.newly_written_tokens'
            ~ ' * greatest(cards.cache_write_5m_price - cards.input_price, 0)'
        ) }} as missed_saving
    from written
    inner join {{ ref('int_prices_pivoted') }} as cards
        on
            {{ llm_chargeback.is_on_card('written', 'cards', 'written.input_tokens') }}
    where
        written.missed_tokens > 0
        and cards.cache_read_price < cards.input_price

)
{%- endmacro %}
