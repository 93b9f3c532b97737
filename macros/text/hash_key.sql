{% macro hash_key(expressions) %}
    {#- A 128-bit key of one or more text expressions, safe for free text.

        The parts are joined with the unit separator (character 31), with backslash and separator
        inside a part escaped, so that ('team-a', 'b') and ('team', 'a-b') have different keys. A
        null part differs from an empty one.

        Arguments:
            expressions: list of SQL text expressions, in the order of the grain.
        Returns: a value of `type_uuid`.
    -#}
    {%- set parts = [] -%}
    {%- for expression in expressions -%}
        {%- do parts.append(
            "coalesce('=' || case when position('\\' in " ~ expression ~ ") > 0 or position(chr(31) in "
            ~ expression ~ ") > 0 then replace(replace(" ~ expression
            ~ ", '\\', '\\\\'), chr(31), '\\u') else " ~ expression ~ " end, '!')"
        ) -%}
    {%- endfor -%}
    cast(md5({{ parts | join(" || chr(31) || ") }}) as {{ llm_chargeback.type_uuid() }})
{% endmacro %}
