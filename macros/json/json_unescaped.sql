{% macro json_unescaped(expression) %}
    {#- The text inside a JSON string, with its escapes decoded (`\"`, `\\`, `\u00e9`).

        Arguments:
            expression: SQL text expression, what stands between the quotes in valid JSON.
    -#}
    {{ return(adapter.dispatch('json_unescaped', 'llm_chargeback')(expression)) }}
{% endmacro %}

{% macro default__json_unescaped(expression) -%}
    case
        when position(chr(92) in {{ expression }}) > 0
            then cast('"' || {{ expression }} || '"' as jsonb) #>> '{}'
        else {{ expression }}
    end
{%- endmacro %}

{% macro duckdb__json_unescaped(expression) -%}
    case
        when position(chr(92) in {{ expression }}) > 0
            then json_extract_string('"' || {{ expression }} || '"', '$')
        else {{ expression }}
    end
{%- endmacro %}
