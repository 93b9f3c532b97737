{% macro environment_name(expression) -%}
    {#- An environment tag in the company's own words (`vars: environment_aliases`), null when missing.

        Arguments:
            expression: SQL text expression.
    -#}
    case {{ llm_chargeback.text_key(expression) }}
        {%- for alias, environment in var('environment_aliases').items() %}
        when '{{ alias }}' then '{{ environment }}'
        {%- endfor %}
        else {{ llm_chargeback.text_key(expression) }}
    end
{%- endmacro %}
