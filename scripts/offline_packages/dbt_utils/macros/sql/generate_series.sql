{#
    A query with one column, generated_number: 1, 2, ..., upper_bound.

    upper_bound: whole number above 0
#}
{% macro generate_series(upper_bound) -%}
    {{ return(adapter.dispatch('generate_series', 'dbt_utils')(upper_bound)) }}
{%- endmacro %}

{% macro default__generate_series(upper_bound) -%}
    {%- if upper_bound <= 0 -%}
        {{ exceptions.raise_compiler_error('upper bound must be positive') }}
    {%- endif -%}
    {#- One cross join of the digits 0-9 for each decimal place of the highest offset. -#}
    {%- set places = (upper_bound - 1) | string | length -%}
    with digits as (
        {% for digit in range(10) -%}
            select {{ digit }} as digit{{ ' union all' if not loop.last }}
        {% endfor %}
    ),

    numbers as (
        select
            1
            {%- for place in range(places) %} + {{ 10 ** place }} * place_{{ place }}.digit {%- endfor %} as generated_number
        from digits as place_0
        {% for place in range(1, places) -%}
            cross join digits as place_{{ place }}
        {% endfor %}
    )

    select generated_number
    from numbers
    where generated_number <= {{ upper_bound }}
    order by generated_number
{%- endmacro %}
