{% macro type_unit_price() -%}
    {#- The type of the price of one unit (one token, one call): 3 digits before the point, 15 after.

        Small enough that price x units stays within 38 digits.
    -#}
    numeric(18, 15)
{%- endmacro %}
