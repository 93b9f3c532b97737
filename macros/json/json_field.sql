{% macro json_field(prepared, fields, name) %}
    {#- One field of a JSON column as text, null when missing or JSON null.

        Arguments:
            prepared: the alias given to `json_fields(column, fields)`.
            fields: the same dictionary.
            name: a key of it.
    -#}
    {{ return(adapter.dispatch('json_field', 'llm_chargeback')(prepared, fields, name)) }}
{% endmacro %}

{% macro default__json_field(prepared, fields, name) -%}
    ({{ prepared }} #>> '{ {{- fields[name] | join(',') -}} }')
{%- endmacro %}

{% macro duckdb__json_field(prepared, fields, name) -%}
    {{ prepared }}['{{ fields[name] | join("']['") }}']
{%- endmacro %}
