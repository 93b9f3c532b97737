{% macro text_to_bigint(expression) %}
    {#- A count written as text, null when it is no whole number (never an error).

        Accepts a sign and a zero fraction ("12", "-3", "12.0").

        Arguments:
            expression: SQL text expression.
    -#}
    {{ return(adapter.dispatch('text_to_bigint', 'llm_chargeback')(expression)) }}
{% endmacro %}

{% macro default__text_to_bigint(expression) -%}
    case when {{ expression }} ~ '^-?[0-9]{1,18}([.]0+)?$' then cast(cast({{ expression }} as numeric) as bigint) end
{%- endmacro %}

{% macro duckdb__text_to_bigint(expression) -%}
    case
        when regexp_full_match({{ expression }}, '-?[0-9]{1,18}([.]0+)?')
            then try_cast({{ expression }} as bigint)
    end
{%- endmacro %}
