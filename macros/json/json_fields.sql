{% macro json_fields(column, fields) %}
    {#- Prepares a JSON column for `json_field`, so that each row is parsed once.

        Arguments:
            column: the JSON column.
            fields: dictionary of field name -> list of keys that lead to it.
        Returns: SQL expression; pass its alias to `json_field` with the same `fields`.
    -#}
    {{ return(adapter.dispatch('json_fields', 'llm_chargeback')(column, fields)) }}
{% endmacro %}

{% macro default__json_fields(column, fields) -%}
    cast({{ column }} as jsonb)
{%- endmacro %}

{% macro duckdb__json_fields(column, fields) -%}
    {%- set shape = {} -%}
    {%- for path in fields.values() -%}
        {%- set parents = [shape] -%}
        {%- for key in path[:-1] -%}
            {%- do parents.append(parents[-1].setdefault(key, {})) -%}
        {%- endfor -%}
        {%- do parents[-1].update({path[-1]: 'VARCHAR'}) -%}
    {%- endfor -%}
    from_json({{ column }}, '{{ tojson(shape) }}')
{%- endmacro %}
