{{ config(materialized='table') }}

{%- set components = price_components() %}
{%- set usual_prices = [] %}
{%- for component in components if component.is_usual %}
{%- for rate in ['list', 'negotiated'] %}
{%- do usual_prices.append('coalesce(' ~ price_column(component.name, rate) ~ ', 0)') %}
{%- endfor %}
{%- endfor %}
{%- set dearest = 'greatest(' ~ usual_prices | join(', ') ~ ')' %}
{%- set with_minimum = components | selectattr('kind', 'in', ['units', 'seconds']) | list %}

with cells as (

    select * from {{ ref('int_rate_card_cells') }}

),

component_prices as (

    select * from {{ ref('int_component_prices') }}

),

currency_rates as (

    select * from {{ ref('int_currency_rates') }}

),

-- A call uses one allowance, whose quantity is of one kind: the first by name.
allowed as (

    select
        *,
        min(free_allowance) over (partition by cell_id) as cell_allowance
    from component_prices

),

-- A call is paid in one currency: a cell that has two gives no price.
pivoted as (

    select
        cell_id,
        min(currency) as currency,
        {% for component in components -%}
        {% for rate in ['list', 'negotiated'] -%}
        max(case when component = '{{ component.name }}' then {{ rate }}_price end)
            as {{ price_column(component.name, rate) }},
        {% endfor -%}
        max(
            case
                when component = '{{ component.name }}' and free_allowance = cell_allowance
                    then negotiated_price
            end
        ) as {{ price_column(component.name, 'allowance') }},
        {% endfor -%}
        {% for component in with_minimum -%}
        max(case when component = '{{ component.name }}' then min_quantity end)
            as {{ component.name }}_minimum,
        {% endfor -%}
        min(cell_allowance) as free_allowance,
        max(case when rate_id is not null then 1 else 0 end) = 1 as has_negotiated_rate
    from allowed
    group by cell_id
    having min(currency) = max(currency)

),

joined as (

    select
        cells.provider,
        cells.model_id,
        cells.service_tier,
        cells.region,
        cells.valid_from,
        cells.valid_to,
        cells.input_tokens_from,
        cells.input_tokens_to,
        cells.minute_from,
        cells.minute_to,
        pivoted.currency,
        currency_rates.usd_per_unit,
        pivoted.has_negotiated_rate,
        {% for rate in ['list', 'negotiated'] -%}
        {% for component in components if component.quantity -%}
        {% set price = price_column(component.name, rate) -%}
        cast(
            {% if component.is_fee -%}
            coalesce(pivoted.{{ price }}, 0)
            {%- else -%}
            pivoted.{{ price }}
            {%- endif %}
            as {{ type_unit_price() }}
        ) as {{ price }},
        {% endfor -%}
        {% endfor -%}
        {% for component in components if component.quantity -%}
        cast(pivoted.{{ price_column(component.name, 'allowance') }} as {{ type_unit_price() }})
            as {{ price_column(component.name, 'allowance') }},
        {% endfor -%}
        {% for component in with_minimum if component.quantity -%}
        {{ quantity('pivoted.' ~ component.name ~ '_minimum') }} as {{ component.name }}_minimum,
        {% endfor -%}
        pivoted.free_allowance
    from cells
    inner join pivoted
        on cells.cell_id = pivoted.cell_id
    left join currency_rates
        on
            pivoted.currency = currency_rates.currency
            and cells.valid_from >= currency_rates.valid_from
            and cells.valid_to <= currency_rates.valid_to

),

-- Below the limit no quantity reaches 999 times its price: the sum has room in 18 digits.
limited as (

    select
        *,
        least(
            {{ divide_whole(
                '999000000000000',
                'cast(' ~ dearest ~ ' * 1000000000000 as bigint) + 1'
            ) }},
            1000000000000
        ) as usual_quantity_limit
    from joined

)

select * from limited
