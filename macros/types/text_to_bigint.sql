{% macro text_to_bigint(expression) %}
    {#- A whole number written as text, null when it is none (never an error).

        Accepts a sign, a zero fraction and an exponent ("12", "-3", "12.0", "+1.2e3").

        Arguments:
            expression: SQL text expression.
    -#}
    {{ return(adapter.dispatch('text_to_bigint', 'llm_chargeback')(expression)) }}
{% endmacro %}

{% macro default__text_to_bigint(expression) -%}
    case
        when {{ expression }} ~ '^-?[0-9]{1,18}([.]0+)?$' then cast(cast({{ expression }} as numeric) as bigint)
        when {{ expression }} ~ '^ *[-+]?[0-9]{1,18}([.][0-9]*)?([eE][-+]?[0-9]{1,2})? *$'
            then case
                when
                    abs(cast({{ expression }} as numeric)) < 1e18
                    and cast({{ expression }} as numeric) = trunc(cast({{ expression }} as numeric))
                    then cast(cast({{ expression }} as numeric) as bigint)
            end
    end
{%- endmacro %}

{% macro duckdb__text_to_bigint(expression) -%}
    {%- set number = "try_cast(" ~ expression ~ " as decimal(38, 18))" -%}
    case
        when regexp_full_match({{ expression }}, '-?[0-9]{1,18}([.]0+)?')
            then try_cast({{ expression }} as bigint)
        when regexp_full_match({{ expression }}, ' *[-+]?[0-9]{1,18}([.][0-9]*)?([eE][-+]?[0-9]{1,2})? *')
            then case
                when abs({{ number }}) < 1000000000000000000 and {{ number }} = trunc({{ number }})
                    then cast({{ number }} as bigint)
            end
    end
{%- endmacro %}
