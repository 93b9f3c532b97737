{% macro component_ancestors() -%}
    {#- A query of every component with itself and those that pay where it has no price, nearest first:
        `component`, `ancestor`, `distance`. -#}
    {% for component in llm_chargeback.price_components() -%}
    {% for ancestor in [component.name] + component.parents -%}
    select
        '{{ component.name }}' as component,
        '{{ ancestor }}' as ancestor,
        {{ loop.index0 }} as distance
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor -%}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
{%- endmacro %}
