{% macro usual_cost(rate, quantities, prices) -%}
    {#- What the components that nearly every event has cost, exact at 15 decimals.

        Arguments:
            rate, quantities, prices: as of `rated_cost`; `quantities` has `usual_quantity` too.
    -#}
    {{ return(adapter.dispatch('usual_cost', 'llm_chargeback')(rate, quantities, prices)) }}
{%- endmacro %}

{% macro default__usual_cost(rate, quantities, prices) -%}
    cast(
        {%- for component in llm_chargeback.price_components() if component.is_usual %}
        {{ '+ ' if not loop.first }}{{ quantities }}.{{ component.quantity }}
        * coalesce({{ prices }}.{{ llm_chargeback.price_column(component.name, rate) }}, 0)
        {%- endfor %}
        as {{ llm_chargeback.type_money() }}
    )
{%- endmacro %}

{% macro duckdb__usual_cost(rate, quantities, prices) -%}
    {#- DuckDB keeps the product of two decimals of up to 18 digits in 18, which one processor
        instruction multiplies: six times as fast as 38. Below the card's limit the sum has room there. #}
    case
        when {{ quantities }}.usual_quantity < {{ prices }}.usual_quantity_limit
            then cast(
                {%- for component in llm_chargeback.price_components() if component.is_usual %}
                {{ '+ ' if not loop.first -}}
                try_cast({{ quantities }}.{{ component.quantity }} as decimal(13, 0))
                * coalesce(
                    {{ prices }}.{{ llm_chargeback.price_column(component.name, rate) }},
                    cast(0 as {{ llm_chargeback.type_unit_price() }})
                )
                {%- endfor %}
                as {{ llm_chargeback.type_money() }}
            )
        else {{ llm_chargeback.default__usual_cost(rate, quantities, prices) }}
    end
{%- endmacro %}
