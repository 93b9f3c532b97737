{#
    A text column is never ''; nulls pass.

    trim_whitespace: whether a text of blanks counts as empty
#}
{% test not_empty_string(model, column_name, trim_whitespace=true) %}
    {{ return(adapter.dispatch('test_not_empty_string', 'dbt_utils')(model, column_name, trim_whitespace)) }}
{% endtest %}

{% macro default__test_not_empty_string(model, column_name, trim_whitespace=true) %}
    {%- set value = 'trim(' ~ column_name ~ ')' if trim_whitespace else column_name %}

    select {{ value }} as {{ column_name }}
    from {{ model }}
    where {{ value }} = ''
{% endmacro %}
