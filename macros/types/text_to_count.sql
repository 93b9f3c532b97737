{% macro text_to_count(expression) -%}
    {#- A count written as text: null when there is none, `unreadable_count()` when what is there is no
        whole number. `int_usage_events_metered` rejects a row with such a count, so that nothing that
        was counted goes missing in silence.

        Arguments:
            expression: SQL text expression.
    -#}
    case
        when {{ expression }} is null then null
        else coalesce(
            {{ llm_chargeback.text_to_bigint(expression) }},
            case when trim({{ expression }}) <> '' then {{ llm_chargeback.unreadable_count() }} end
        )
    end
{%- endmacro %}

{% macro unreadable_count() -%}
    {#- Stands for a count that is there but can't be read. No count is as small as this. -#}
    -999999999999999999
{%- endmacro %}
