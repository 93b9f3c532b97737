{#
    Every value of a column is found in a column of another relation, both filtered; nulls pass.

    to, field: the other relation and its column
    from_condition, to_condition: SQL filters of this relation and of the other
#}
{% test relationships_where(model, column_name, to, field, from_condition='1=1', to_condition='1=1') %}
    {{ return(adapter.dispatch('test_relationships_where', 'dbt_utils')(model, column_name, to, field, from_condition, to_condition)) }}
{% endtest %}

{% macro default__test_relationships_where(model, column_name, to, field, from_condition='1=1', to_condition='1=1') %}

    with child_values as (
        select {{ column_name }} as child_value
        from {{ model }}
        where {{ column_name }} is not null and {{ from_condition }}
    ),

    parent_values as (
        select {{ field }} as parent_value
        from {{ to }}
        where {{ field }} is not null and {{ to_condition }}
    )

    select child_values.child_value
    from child_values
    where not exists (
        select 1
        from parent_values
        where parent_values.parent_value = child_values.child_value
    )
{% endmacro %}
