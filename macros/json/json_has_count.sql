{% macro json_has_count(column) %}
    {#- Whether a JSON object of counts has one that is not 0. Nothing is parsed: for conditions on many
        rows, of which few are read further.

        Arguments:
            column: the JSON column, `{"input": 10}`.
    -#}
    {{ return(adapter.dispatch('json_has_count', 'llm_chargeback')(column)) }}
{% endmacro %}

{% macro default__json_has_count(column) -%}
    coalesce(cast({{ column }} as text) ~ ':\s*"?[-+]?[0.]*[1-9]', false)
{%- endmacro %}

{% macro duckdb__json_has_count(column) -%}
    coalesce(regexp_matches(cast({{ column }} as varchar), ':\s*"?[-+]?[0.]*[1-9]'), false)
{%- endmacro %}
