{#
    No two rows share the values of these columns.

    combination_of_columns: list of column names
    quote_columns: whether to quote the names
#}
{% test unique_combination_of_columns(model, combination_of_columns, quote_columns=false) %}
    {{ return(adapter.dispatch('test_unique_combination_of_columns', 'dbt_utils')(model, combination_of_columns, quote_columns)) }}
{% endtest %}

{% macro default__test_unique_combination_of_columns(model, combination_of_columns, quote_columns=false) %}
    {%- set key_columns = [] -%}
    {%- for column in combination_of_columns -%}
        {%- do key_columns.append(adapter.quote(column) if quote_columns else column) -%}
    {%- endfor -%}
    {%- set key = key_columns | join(', ') %}

    select {{ key }}
    from {{ model }}
    group by {{ key }}
    having count(*) > 1
{% endmacro %}
