{% macro month_of(date) -%}
    {#- The first day of a date's calendar month.

        Arguments:
            date: SQL date expression.
    -#}
    cast({{ dbt.date_trunc('month', date) }} as date)
{%- endmacro %}
