{% macro quoted(values) -%}
    {#- A list of texts as SQL literals: `'a', 'b'`.

        Arguments:
            values: list of texts, such as a project var.
    -#}
    {%- for value in values -%}
        {{ dbt.string_literal(dbt.escape_single_quotes(value)) }}{% if not loop.last %}, {% endif %}
    {%- endfor -%}
{%- endmacro %}
