{% macro rare_quantities() -%}
    {#- Names of the quantities that few events have, in the order of the columns.

        Source: `price_components`.
    -#}
    {%- set components = llm_chargeback.price_components()
        | selectattr('quantity') | rejectattr('is_usual') -%}
    {{ return(components | map(attribute='quantity') | list) }}
{%- endmacro %}
