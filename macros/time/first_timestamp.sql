{% macro first_timestamp() -%}
    {#- The start of time for open validity ranges. -#}
    cast('1970-01-01 00:00:00' as timestamp)
{%- endmacro %}
