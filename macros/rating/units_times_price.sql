{% macro units_times_price(units, unit_price) -%}
    {#- A fractional quantity times the price of a unit, exact at 15 decimals.

        Quantities have at most 6 decimals and prices of such a unit at most 9, so nothing is rounded
        away. Nearly every event has none of a unit: those cost no arithmetic. DuckDB keeps the product
        of two decimals of 18 digits in 18, less than 1,000 USD here: the price has 19.

        Arguments:
            units: SQL expression of a `type_quantity`, not null.
            unit_price: SQL expression, USD a unit; null counts as zero.
    -#}
    case
        when {{ units }} <> 0
            then {{ llm_chargeback.money(
                units ~ ' * cast(coalesce(' ~ unit_price ~ ', 0) as numeric(19, 9))'
            ) }}
        else 0
    end
{%- endmacro %}
