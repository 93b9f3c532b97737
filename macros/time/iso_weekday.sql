{% macro iso_weekday(moment) -%}
    {#- The day of the week in UTC, 1 for Monday to 7 for Sunday.

        Arguments:
            moment: SQL timestamp expression.
    -#}
    {{ return(adapter.dispatch('iso_weekday', 'llm_chargeback')(moment)) }}
{%- endmacro %}

{% macro default__iso_weekday(moment) -%}
    extract(isodow from {{ moment }})
{%- endmacro %}

{% macro spark__iso_weekday(moment) -%}
    extract(dayofweek_iso from {{ moment }})
{%- endmacro %}
