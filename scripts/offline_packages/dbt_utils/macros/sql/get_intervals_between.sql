{#
    How many boundaries of a date part lie between two moments; asks the warehouse. 1 while dbt parses.

    start_date, end_date: SQL expressions
    datepart: 'day', 'month', ...
#}
{% macro get_intervals_between(start_date, end_date, datepart) -%}
    {{ return(adapter.dispatch('get_intervals_between', 'dbt_utils')(start_date, end_date, datepart)) }}
{%- endmacro %}

{% macro default__get_intervals_between(start_date, end_date, datepart) -%}
    {%- if not execute -%}
        {{ return(1) }}
    {%- endif -%}
    {%- set answer = run_query('select ' ~ dbt.datediff(start_date, end_date, datepart)) -%}
    {{ return(answer.rows[0][0] if answer.rows else 1) }}
{%- endmacro %}
