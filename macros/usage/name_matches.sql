{% macro name_matches(name, aliases) -%}
    {#- The condition that a logged model name fits a row of the seed `model_aliases`.

        Arguments:
            name: SQL text expression, lower case.
            aliases: alias of the seed in the query.
    -#}
    {%- set pattern = llm_chargeback.text_key(aliases ~ '.pattern') -%}
    case {{ aliases }}.match_type
        when 'exact' then {{ name }} = {{ pattern }}
        when 'prefix' then left({{ name }}, length({{ pattern }})) = {{ pattern }}
        when 'suffix' then right({{ name }}, length({{ pattern }})) = {{ pattern }}
        when 'contains' then position({{ pattern }} in {{ name }}) > 0
        else false
    end
{%- endmacro %}
