{% macro divide_whole(dividend, divisor) %}
    {#- How many times a whole number goes into another, the rest dropped. The same on every warehouse:
        `/` makes a float of whole numbers on DuckDB.

        Arguments:
            dividend: SQL integer expression, not negative.
            divisor: SQL integer expression above zero.
    -#}
    {{ return(adapter.dispatch('divide_whole', 'llm_chargeback')(dividend, divisor)) }}
{% endmacro %}

{% macro default__divide_whole(dividend, divisor) -%}
    ({{ dividend }}) / ({{ divisor }})
{%- endmacro %}

{% macro duckdb__divide_whole(dividend, divisor) -%}
    ({{ dividend }}) // ({{ divisor }})
{%- endmacro %}
