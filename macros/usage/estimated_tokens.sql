{% macro estimated_tokens(characters) -%}
    {#- The tokens a text is likely to have, rounded up; zero where its length is not known.

        Arguments:
            characters: SQL integer expression, the length of the text.
        Source of the ratio: `vars: chars_per_token`.
    -#}
    coalesce(
        cast(
            ceil(round({{ characters }} / cast({{ var('chars_per_token') }} as numeric(9, 3)), 6))
            as bigint
        ),
        0
    )
{%- endmacro %}
