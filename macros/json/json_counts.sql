{% macro json_counts(column) %}
    {#- Prepares a JSON object of counts for `json_sum`, so that each row is parsed once.

        Arguments:
            column: the JSON column, `{"input": 10, "input_cached_tokens": 5}`; what is no object
                has no counts.
        Returns: SQL expression; pass its alias to `json_sum`.
    -#}
    {{ return(adapter.dispatch('json_counts', 'llm_chargeback')(column)) }}
{% endmacro %}

{% macro default__json_counts(column) -%}
    case when jsonb_typeof(cast({{ column }} as jsonb)) = 'object' then cast({{ column }} as jsonb) end
{%- endmacro %}

{% macro duckdb__json_counts(column) -%}
    case
        when json_type({{ column }}) = 'OBJECT'
            then map_entries(from_json({{ column }}, '"MAP(VARCHAR,VARCHAR)"'))
    end
{%- endmacro %}
