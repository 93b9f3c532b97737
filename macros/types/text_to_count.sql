{% macro text_to_count(expression) %}
    {#- A count written as text, in any notation ("12", "12.0", "+1.2e3"): null when there is none,
        `unreadable_count()` when what is there is no whole number (never an error).

        `int_usage_events_metered` rejects a row with such a count, so that nothing that was counted
        goes missing in silence.

        Arguments:
            expression: SQL text expression.
    -#}
    {{ return(adapter.dispatch('text_to_count', 'llm_chargeback')(expression)) }}
{% endmacro %}

{% macro default__text_to_count(expression) -%}
    {%- set number = "cast(" ~ expression ~ " as numeric)" -%}
    case
        when {{ expression }} is null then null
        when {{ expression }} ~ '^-?[0-9]{1,18}$' then cast({{ expression }} as bigint)
        when {{ expression }} ~ '^ *[-+]?[0-9]{1,18}([.][0-9]*)?([eE][-+]?[0-9]{1,2})? *$'
            then case
                when abs({{ number }}) < 1e18 and {{ number }} = trunc({{ number }}) then cast({{ number }} as bigint)
                else {{ llm_chargeback.unreadable_count() }}
            end
        when trim({{ expression }}) <> '' then {{ llm_chargeback.unreadable_count() }}
    end
{%- endmacro %}

{% macro duckdb__text_to_count(expression) -%}
    {%- set number = "try_cast(" ~ expression ~ " as decimal(38, 18))" -%}
    case
        when {{ expression }} is null then null
        when regexp_full_match({{ expression }}, '-?[0-9]{1,18}') then try_cast({{ expression }} as bigint)
        when regexp_full_match({{ expression }}, ' *[-+]?[0-9]{1,18}([.][0-9]*)?([eE][-+]?[0-9]{1,2})? *')
            then case
                when abs({{ number }}) < 1000000000000000000 and {{ number }} = trunc({{ number }})
                    then cast({{ number }} as bigint)
                else {{ llm_chargeback.unreadable_count() }}
            end
        when trim({{ expression }}) <> '' then {{ llm_chargeback.unreadable_count() }}
    end
{%- endmacro %}

{% macro unreadable_count() -%}
    {#- Stands for a count that is there but can't be read. No count is as small as this. -#}
    -999999999999999999
{%- endmacro %}
