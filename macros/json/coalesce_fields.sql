{% macro coalesce_fields(prepared, fields, names) -%}
    {#- The first of several JSON fields that is there, as text.

        Arguments:
            prepared: the alias given to `json_fields(column, fields)`.
            fields: the same dictionary.
            names: keys of it, in order of preference.
    -#}
    coalesce(
        {%- for name in names -%}
            {{ llm_chargeback.json_field(prepared, fields, name) }}{% if not loop.last %}, {% endif %}
        {%- endfor %}, null)
{%- endmacro %}
