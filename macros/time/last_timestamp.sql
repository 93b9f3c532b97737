{% macro last_timestamp() -%}
    {#- The end of time for open validity ranges. -#}
    cast('9999-12-31 00:00:00' as timestamp)
{%- endmacro %}
