{% macro period_start(period) -%}
    {#- The first day of a month written `YYYY-MM`; null when it isn't.

        Arguments:
            period: SQL text expression.
    -#}
    case
        when trim({{ period }}) ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'
            then cast(trim({{ period }}) || '-01' as date)
    end
{%- endmacro %}
