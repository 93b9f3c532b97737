{% macro is_on_card(events, cards, size) -%}
    {#- The condition that a row of `int_prices_pivoted` has the prices of an event.

        Arguments:
            events: alias of the events, with `provider`, `model_id`, `service_tier`, `price_region` (''
                for none), `event_at` and `event_minute`.
            cards: alias of `int_prices_pivoted`.
            size: SQL expression of the input tokens that say how long the request is.
    -#}
    {{ events }}.provider = {{ cards }}.provider
            and {{ events }}.model_id = {{ cards }}.model_id
            and {{ events }}.service_tier = {{ cards }}.service_tier
            and {{ events }}.price_region = {{ cards }}.region
            and {{ events }}.event_at >= {{ cards }}.valid_from
            and {{ events }}.event_at < {{ cards }}.valid_to
            and {{ size }} >= {{ cards }}.input_tokens_from
            and {{ size }} < {{ cards }}.input_tokens_to
            and {{ events }}.event_minute >= {{ cards }}.minute_from
            and {{ events }}.event_minute < {{ cards }}.minute_to
{%- endmacro %}

{% macro minute_of_week(event_at) -%}
    {#- The minute of the week (UTC), 0 on Monday at midnight.

        Arguments:
            event_at: SQL timestamp expression.
    -#}
    cast(
        ({{ llm_chargeback.iso_weekday(event_at) }} - 1) * 1440
        + extract(hour from {{ event_at }}) * 60
        + extract(minute from {{ event_at }})
        as integer
    )
{%- endmacro %}
