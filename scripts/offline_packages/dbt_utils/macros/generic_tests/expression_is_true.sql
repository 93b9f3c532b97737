{#
    An expression holds in every row; rows where it is null pass.

    expression: SQL; on a column test it follows the column's name, such as '>= 0'
    column_name: set by dbt on a column test
#}
{% test expression_is_true(model, expression, column_name=none) %}
    {{ return(adapter.dispatch('test_expression_is_true', 'dbt_utils')(model, expression, column_name)) }}
{% endtest %}

{% macro default__test_expression_is_true(model, expression, column_name=none) %}
    {%- set condition = expression if column_name is none else column_name ~ ' ' ~ expression %}

    select {{ '*' if should_store_failures() else '1' }}
    from {{ model }}
    where not ({{ condition }})
{% endmacro %}
