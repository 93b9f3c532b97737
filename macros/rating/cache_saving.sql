{% macro cache_saving(quantities, prices) -%}
    {#- What the provider's cache saved on an event, in the currency of its card: what its cache reads
        and writes would have cost as uncached input, less what they cost. Below zero where writing
        cost more than reading saved.

        The size of a request counts what is cached, so the same card holds with and without a cache.

        Arguments:
            quantities, prices: as of `rated_cost`.
    -#}
    {%- set cached = llm_chargeback.price_components() | selectattr('uncached') | list -%}
    {{ llm_chargeback.money('0') }}
    {%- for component in cached %}
    {%- set price = prices ~ '.' ~ llm_chargeback.price_column(component.name) %}
    {%- set uncached = prices ~ '.' ~ llm_chargeback.price_column(component.uncached) %}
    + {{ llm_chargeback.money(
        quantities ~ '.' ~ component.quantity
        ~ ' * (coalesce(' ~ uncached ~ ', ' ~ price ~ ', 0) - coalesce(' ~ price ~ ', 0))'
    ) }}
    {%- endfor %}
{%- endmacro %}

{% macro cache_write_cost(quantities, prices) -%}
    {#- What an event paid for tokens that the provider's cache kept, in the currency of its card.

        Arguments:
            quantities, prices: as of `rated_cost`.
    -#}
    {{ llm_chargeback.money('0') }}
    {%- for component in llm_chargeback.price_components() if component.name.startswith('cache_write') %}
    + {{ llm_chargeback.component_cost(component, 'list', quantities, prices) }}
    {%- endfor %}
{%- endmacro %}
