{% macro rule_tag_fields(prepared, fields, places=['']) -%}
    {#- Where a source's JSON column has the tags that ownership rules match on (`vars: rule_tags`).

        Arguments:
            prepared: the alias given to `json_fields(column, fields)`.
            fields: the same dictionary; it has `<place>rule_tag_<number>` for each tag.
            places: what the names of the fields begin with, the first place to look in first.
        Returns: dictionary of tag -> list of SQL text expressions, for `rule_tag_list`.
    -#}
    {%- set found = {} -%}
    {%- for tag in var('rule_tags') -%}
        {%- set expressions = [] -%}
        {%- set number = loop.index -%}
        {%- for place in places -%}
            {%- do expressions.append(llm_chargeback.json_field(
                prepared, fields, place ~ 'rule_tag_' ~ number
            )) -%}
        {%- endfor -%}
        {%- do found.update({tag: expressions}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
