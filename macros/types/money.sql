{% macro money(expression) %}
    {#- Casts an expression to an exact amount of money (see `type_money`).

        Arguments:
            expression: SQL of a decimal, integer or text value; never a float.
    -#}
    cast({{ expression }} as {{ llm_chargeback.type_money() }})
{% endmacro %}
