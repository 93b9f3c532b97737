{% macro price_per_unit(price, unit) -%}
    {#- The price of one token, call, unit or gigabyte, from a price in the unit of the price book.

        Arguments:
            price: SQL decimal expression, at most 9 decimals.
            unit: SQL text expression: `per_million_...`, `per_thousand_...` or `per_unit`.
    -#}
    cast(
        {{ price }}
        * case
            when {{ unit }} like 'per_million%' then cast(0.000001 as numeric(7, 6))
            when {{ unit }} like 'per_thousand%' then cast(0.001 as numeric(7, 6))
            else cast(1 as numeric(7, 6))
        end
        as {{ llm_chargeback.type_unit_price() }}
    )
{%- endmacro %}
