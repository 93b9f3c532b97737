{% macro units_times_price(units, unit_price) -%}
    {#- A fractional quantity times the price of a unit, exact at 15 decimals.

        Units have at most 6 decimals and unit prices at most 9 here, so nothing is rounded away.

        Arguments:
            units: SQL numeric expression of a quantity.
            unit_price: SQL numeric expression, USD a unit; null counts as zero.
    -#}
    {{ llm_chargeback.money(
        'cast(' ~ units ~ ' as numeric(18, 6)) * cast(coalesce(' ~ unit_price ~ ', 0) as numeric(18, 9))'
    ) }}
{%- endmacro %}
