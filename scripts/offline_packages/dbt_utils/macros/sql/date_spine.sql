{#
    A query with one column, date_<datepart>: start_date, and on in steps of one datepart, before end_date.

    datepart: 'day', 'month', ...
    start_date, end_date: SQL expressions; the end is not included
#}
{% macro date_spine(datepart, start_date, end_date) -%}
    {{ return(adapter.dispatch('date_spine', 'dbt_utils')(datepart, start_date, end_date)) }}
{%- endmacro %}

{% macro default__date_spine(datepart, start_date, end_date) -%}
    {%- set step_count = dbt_utils.get_intervals_between(start_date, end_date, datepart) -%}
    with steps as (
        {{ dbt_utils.generate_series(step_count) }}
    ),

    periods as (
        select {{ dbt.dateadd(datepart, 'cast(generated_number as integer) - 1', start_date) }} as date_{{ datepart }}
        from steps
    )

    select date_{{ datepart }}
    from periods
    where date_{{ datepart }} <= {{ end_date }}
{%- endmacro %}
