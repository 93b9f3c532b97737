{% macro tag_value(tags, dimension, skipped=0) %}
    {#- The value of the first "key:value" tag of a dimension in a JSON array of tags.

        Keys are those of `vars: tag_keys`.

        Arguments:
            tags: SQL expression of a JSON array of text.
            dimension: team, feature, project, environment, owner, purpose, eval_scope,
                eval_suite, eval_run or user.
            skipped: how many such tags to pass over; each costs as much as finding the first.
        Returns: SQL text expression, null when there is no such tag.
    -#}
    {{ return(llm_chargeback.first_tag(tags, var('tag_keys')[dimension], skipped)) }}
{% endmacro %}

{% macro first_tag(tags, tag_keys, skipped=0) %}
    {#- The value of the first "key:value" tag with one of the keys in a JSON array of tags.

        Keys are compared without case. The array is searched, never exploded: exploding tags
        multiplies money.

        Arguments:
            tags: SQL expression of a JSON array of text.
            tag_keys: list of keys.
            skipped: how many such tags to pass over; each costs as much as finding the first.
        Returns: SQL text expression, null when there is no such tag.
    -#}
    {%- set keys = [] -%}
    {%- for key in tag_keys -%}
        {%- do keys.append(key | replace('.', '[.]')) -%}
    {%- endfor -%}
    {%- set pattern = '[\[,]\s*"\s*(?:' ~ keys | join('|') ~ ')\s*:\s*((?:[^"\\\\]|\\\\.)*)"' -%}
    {%- set rest = namespace(text="cast(" ~ tags ~ " as " ~ dbt.type_string() ~ ")") -%}
    {%- for _ in range(skipped) -%}
        {%- set rest.text = "regexp_replace(" ~ rest.text ~ ", '(?i)" ~ pattern ~ "', '')" -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('first_match', 'llm_chargeback')(rest.text, pattern)) }}
{% endmacro %}

{% macro default__first_match(expression, pattern) -%}
    {%- set match = "substring(" ~ expression ~ " from '(?i)" ~ pattern ~ "')" -%}
    nullif(trim({{ llm_chargeback.json_unescaped(match) }}), '')
{%- endmacro %}

{% macro duckdb__first_match(expression, pattern) -%}
    {%- set match = "regexp_extract(" ~ expression ~ ", '(?i)" ~ pattern ~ "', 1)" -%}
    nullif(trim({{ llm_chargeback.json_unescaped(match) }}), '')
{%- endmacro %}
