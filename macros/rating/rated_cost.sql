{% macro rated_cost(rate, quantities, prices) -%}
    {#- What an event costs in the currency of its card: each quantity times its price, never rounded.

        What few events have is added only where there is some: nearly all events cost no arithmetic.

        Arguments:
            rate: `list`, `negotiated`, or `allowance` for the part that a free allowance may cover.
            quantities: relation in the query with the quantities and `has_rare_quantity`.
            prices: alias of `int_prices_pivoted` in the query.
    -#}
    {%- set components = llm_chargeback.price_components() -%}
    {{ llm_chargeback.usual_cost(rate, quantities, prices) }}
    + case
        when {{ quantities }}.has_rare_quantity
            then
                {%- for component in components if component.quantity and not component.is_usual %}
                {{ '+ ' if not loop.first -}}
                {{ llm_chargeback.component_cost(component, rate, quantities, prices) }}
                {%- endfor %}
        else 0
    end
{%- endmacro %}

{% macro allowance_quantity(quantities, prices) -%}
    {#- How much of a free allowance an event uses, in the allowance's own unit: tokens, calls, units,
        gigabytes or seconds.

        Arguments:
            quantities, prices: as of `rated_cost`.
    -#}
    {%- set parts = [] -%}
    {%- for component in llm_chargeback.price_components() if component.quantity -%}
        {%- set quantity = quantities ~ '.' ~ component.quantity -%}
        {%- if component.kind == 'bytes' -%}
            {%- set quantity = quantity ~ ' * cast(0.000000001 as numeric(10, 9))' -%}
        {%- endif -%}
        {%- do parts.append(
            'case when ' ~ prices ~ '.' ~ llm_chargeback.price_column(component.name, 'allowance')
            ~ ' is null then 0 else ' ~ quantity ~ ' end'
        ) -%}
    {%- endfor -%}
    cast({{ parts | join('\n            + ') }} as numeric(38, 9))
{%- endmacro %}

{% macro component_cost(component, rate, quantities, prices) -%}
    {#- What one component of an event costs in the currency of its card.

        A least quantity is that of one request: a bucket of several is as the source counts it.

        Arguments:
            component: one of `price_components`.
            rate, quantities, prices: as of `rated_cost`.
    -#}
    {%- set quantity = quantities ~ '.' ~ component.quantity -%}
    {%- set price = prices ~ '.' ~ llm_chargeback.price_column(component.name, rate) -%}
    {%- if component.kind in ['units', 'seconds'] -%}
        {%- set least = prices ~ '.' ~ component.name ~ '_minimum' -%}
        {%- set quantity -%}
            case
                when {{ quantity }} > 0 and {{ quantities }}.billed_requests = 1
                    then greatest({{ quantity }}, coalesce({{ least }}, 0))
                else {{ quantity }}
            end
        {%- endset -%}
    {%- endif -%}
    {%- if component.kind == 'units' -%}
        {{ llm_chargeback.units_times_price(quantity, price) }}
    {%- elif component.kind == 'seconds' -%}
        {{ llm_chargeback.seconds_times_price(quantity, price) }}
    {%- elif component.kind == 'bytes' -%}
        {{ llm_chargeback.money(
            quantity ~ ' * cast(coalesce(' ~ price ~ ', 0) as numeric(18, 6))'
            ~ ' * cast(0.000000001 as numeric(9, 9))'
        ) }}
    {%- else -%}
        {{ llm_chargeback.money(quantity ~ ' * coalesce(' ~ price ~ ', 0)') }}
    {%- endif -%}
{%- endmacro %}

{% macro is_component_priced(component, quantities, prices) -%}
    {#- Whether an event has none of a component, or its card says what it costs.

        Arguments:
            component: one of `price_components`.
            quantities, prices: as of `rated_cost`.
    -#}
    {%- set covering = {
        'input': quantities ~ '.input_tokens <> 0',
        'output_image': quantities ~ '.output_tokens <> 0',
        'request': 'true',
    } -%}
    (
            {{ quantities }}.{{ component.quantity }} = 0
            or {{ prices }}.{{ llm_chargeback.price_column(component.name) }} is not null
            {%- if component.within %}
            or (
                {{ prices }}.{{ llm_chargeback.price_column(component.within) }}
                {{ '> 0' if component.within == 'request' else 'is not null' }}
                and {{ covering[component.within] }}
            )
            {%- endif %}
        )
{%- endmacro %}
