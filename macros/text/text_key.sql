{% macro text_key(expression) %}
    {#- A text folded for look-ups: trimmed, lower case, null when empty.

        Arguments:
            expression: SQL text expression.
    -#}
    nullif(lower(trim({{ expression }})), '')
{% endmacro %}
