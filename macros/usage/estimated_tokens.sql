{% macro estimated_tokens(characters) -%}
    {#- The tokens a text is likely to have, rounded up; zero where its length is not known.

        Arguments:
            characters: SQL integer expression, the length of the text.
        Source of the ratio: `vars: chars_per_token`.
    -#}
    {%- set thousandths = (var('chars_per_token') | float * 1000) | round | int -%}
    coalesce(
        {{ llm_chargeback.divide_whole(
            characters ~ ' * 1000 + ' ~ (thousandths - 1), thousandths
        ) }},
        0
    )
{%- endmacro %}
