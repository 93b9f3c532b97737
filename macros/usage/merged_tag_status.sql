{% macro merged_tag_status(tag_status, event_id) -%}
    {#- The tag letters of one call recorded several times: valid beats invalid beats missing, tag by tag.

        Arguments:
            tag_status: SQL text expression, five letters of V, I and M.
            event_id: SQL expression that groups the records of one call.
    -#}
    {#- V > M > I in the alphabet, so I and M swap places before and after the maximum. -#}
    {%- for position in range(1, 6) -%}
    translate(
        max(translate(substring({{ tag_status }} from {{ position }} for 1), 'IM', 'MI')) over (partition by {{ event_id }}),
        'IM', 'MI'
    ){% if not loop.last %} || {% endif %}
    {%- endfor -%}
{%- endmacro %}
