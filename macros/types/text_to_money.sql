{% macro text_to_money(expression) %}
    {#- An amount written as text, null when it is no number (never an error). Exponents are read.

        Arguments:
            expression: SQL text expression.
    -#}
    {{ return(adapter.dispatch('text_to_money', 'llm_chargeback')(expression)) }}
{% endmacro %}

{% macro default__text_to_money(expression) -%}
    cast(
        case
            when {{ expression }} ~ '^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]{1,2})?$'
                then case
                    when abs(cast({{ expression }} as numeric)) < 1e22 then cast({{ expression }} as numeric)
                end
        end
        as {{ llm_chargeback.type_money() }}
    )
{%- endmacro %}

{% macro duckdb__text_to_money(expression) -%}
    try_cast({{ expression }} as {{ llm_chargeback.type_money() }})
{%- endmacro %}
