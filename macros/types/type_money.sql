{% macro type_money() %}
    {#- The type of an exact amount of money: 38 digits, 15 of them after the point.

        A price has at most 9 decimals a million units, so price x units is exact at 15 decimals and
        is never rounded per event.
    -#}
    numeric(38, 15)
{% endmacro %}
