{% macro type_quantity() -%}
    {#- The type of a fractional quantity of a billing unit: 12 digits before the point, 6 after.

        Narrow enough that quantity x unit price is exact and fast; see `quantity`.
    -#}
    numeric(18, 6)
{%- endmacro %}
