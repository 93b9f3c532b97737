{% macro rule_tag_list(tags, values) -%}
    {#- A list of tags with the values of the tags that ownership rules match on (`vars: rule_tags`) added
        to it, to be searched by `first_tag`; what the list had comes first.

        Arguments:
            tags: SQL expression of a JSON array of text, may be null.
            values: dictionary of tag -> list of SQL text expressions, the first not empty counts.
        Returns: SQL text expression; the list as it was where no rule tags are named.
    -#}
    {%- set text -%} cast({{ tags }} as {{ dbt.type_string() }}) {%- endset -%}
    {%- if not values -%}
        {{ text }}
    {%- else -%}
        nullif(
            coalesce({{ text }}, '')
            {%- for tag, expressions in values.items() %}
            || coalesce(
                ',"{{ tag }}:' || replace(replace(coalesce(
                    {%- for expression in expressions %}
                    nullif(trim({{ expression }}), ''),
                    {%- endfor %}
                    null
                ), '\', '\\'), '"', '\"') || '"',
                ''
            )
            {%- endfor %},
            ''
        )
    {%- endif -%}
{%- endmacro %}
