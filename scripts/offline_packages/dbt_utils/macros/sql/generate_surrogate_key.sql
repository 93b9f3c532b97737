{#
    Hash of several columns, joined with '-'. Null and the empty text give different keys, unless
    var surrogate_key_treat_nulls_as_empty_strings is true.

    field_list: SQL expressions, in the order of the key
#}
{% macro generate_surrogate_key(field_list) -%}
    {{ return(adapter.dispatch('generate_surrogate_key', 'dbt_utils')(field_list)) }}
{%- endmacro %}

{% macro default__generate_surrogate_key(field_list) -%}
    {%- set treat_nulls_as_empty = var('surrogate_key_treat_nulls_as_empty_strings', false) -%}
    {%- set null_text = '' if treat_nulls_as_empty else '_dbt_utils_surrogate_key_null_' -%}
    {%- set parts = [] -%}
    {%- for field in field_list -%}
        {%- if parts -%}
            {%- do parts.append("'-'") -%}
        {%- endif -%}
        {%- set field_text = 'cast(' ~ field ~ ' as ' ~ dbt.type_string() ~ ')' -%}
        {%- do parts.append('coalesce(' ~ field_text ~ ", '" ~ null_text ~ "')") -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(parts)) }}
{%- endmacro %}
