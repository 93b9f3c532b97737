{% macro cache_saving(quantities, prices) -%}
    {#- What the provider's cache saved on an event, in the currency of its card: what its cache reads
        and writes would have cost as uncached input, less what they cost. Below zero where writing
        cost more than reading saved.

        The size of a request counts what is cached, so the same card holds with and without a cache.

        Arguments:
            quantities, prices: as of `usual_cost`; `quantities` has `has_rare_quantity` too.
    -#}
    {%- set usual, rare = {}, {} -%}
    {%- for component in llm_chargeback.price_components() if component.uncached -%}
        {%- set price = prices ~ '.' ~ llm_chargeback.price_column(component.name) -%}
        {%- set uncached = prices ~ '.' ~ llm_chargeback.price_column(component.uncached) -%}
        {%- do (usual if component.is_usual else rare).update({
            component.quantity:
                '(coalesce(' ~ uncached ~ ', ' ~ price ~ ', 0) - coalesce(' ~ price ~ ', 0))'
        }) -%}
    {%- endfor -%}
    {{ llm_chargeback.usual_sum(usual, quantities, prices) }}
    + case
        when {{ quantities }}.has_rare_quantity
            then
                {%- for quantity, price in rare.items() %}
                {{ '+ ' if not loop.first -}}
                {{ llm_chargeback.money(quantities ~ '.' ~ quantity ~ ' * ' ~ price) }}
                {%- endfor %}
        else 0
    end
{%- endmacro %}

{% macro cache_write_cost(quantities, prices) -%}
    {#- What an event paid for tokens that the provider's cache kept, in the currency of its card.

        Arguments:
            quantities, prices: as of `usual_cost`.
    -#}
    {%- set written = {} -%}
    {%- for component in llm_chargeback.price_components() -%}
        {%- if component.name.startswith('cache_write') -%}
            {%- set price = prices ~ '.' ~ llm_chargeback.price_column(component.name) -%}
            {%- do written.update({component.quantity: 'coalesce(' ~ price ~ ', 0)'}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ llm_chargeback.usual_sum(written, quantities, prices) }}
{%- endmacro %}

{% macro usual_sum(terms, quantities, prices) -%}
    {#- Quantities that most events have times prices, summed, exact at 15 decimals; see `usual_cost`.

        Arguments:
            terms: dictionary of quantity -> SQL expression of a price, not null.
            quantities, prices: as of `usual_cost`.
    -#}
    {{ return(adapter.dispatch('usual_sum', 'llm_chargeback')(terms, quantities, prices)) }}
{%- endmacro %}

{% macro default__usual_sum(terms, quantities, prices) -%}
    cast(
        {%- for quantity, price in terms.items() %}
        {{ '+ ' if not loop.first }}{{ quantities }}.{{ quantity }} * {{ price }}
        {%- endfor %}
        as {{ llm_chargeback.type_money() }}
    )
{%- endmacro %}

{% macro duckdb__usual_sum(terms, quantities, prices) -%}
    case
        when {{ quantities }}.usual_quantity < {{ prices }}.usual_quantity_limit
            then cast(
                {%- for quantity, price in terms.items() %}
                {{ '+ ' if not loop.first -}}
                try_cast({{ quantities }}.{{ quantity }} as decimal(13, 0))
                * cast({{ price }} as {{ llm_chargeback.type_unit_price() }})
                {%- endfor %}
                as {{ llm_chargeback.type_money() }}
            )
        else {{ llm_chargeback.default__usual_sum(terms, quantities, prices) }}
    end
{%- endmacro %}
