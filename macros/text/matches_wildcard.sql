{% macro matches_wildcard(expression, pattern) -%}
    {#- The condition that a text matches a pattern in which `*` stands for any text, of any length.

        Everything else in the pattern is meant as it is. Both are compared without case.

        Arguments:
            expression: SQL text expression; null matches only the pattern `*`.
            pattern: SQL text expression, not null.
    -#}
    coalesce(
        lower({{ expression }}) like replace(
            replace(
                replace(replace(lower(trim({{ pattern }})), '!', '!!'), '%', '!%'), '_', '!_'
            ),
            '*', '%'
        ) escape '!',
        trim({{ pattern }}) = '*'
    )
{%- endmacro %}
