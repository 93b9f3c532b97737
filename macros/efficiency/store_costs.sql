{% macro store_parts() -%}
    {#- The parts of the cost of a vector store, and the price component that each is.

        Returns: dictionary of part -> name of the component.
    -#}
    {{ return({
        'lookup': 'read_unit',
        'write': 'write_unit',
        'embedding': 'input',
        'rerank': 'search_unit',
        'storage': 'storage_gb_month',
        'egress': 'egress_gb',
    }) }}
{%- endmacro %}

{% macro store_part_operations() -%}
    {#- Which part of the cost what has no part of its own belongs to, by operation.

        Returns: dictionary of part -> operation.
    -#}
    {{ return({
        'lookup': 'retrieval',
        'write': 'retrieval_write',
        'embedding': 'embeddings',
        'rerank': 'rerank',
        'storage': 'storage',
    }) }}
{%- endmacro %}

{% macro store_costs(events, condition) -%}
    {#- CTEs of `int_usage_events_summed`: what calls to vector stores cost, part by part, since one call
        can read, embed, rerank and send at once. Makes `store_calls`, a row per priced call of the
        stores' own log: quantities x the prices that the event was rated with. What is no part of
        these (a fee a request) is in `rest_usd`, so the parts sum to the event's list cost.

        Arguments:
            events: relation with the columns of `fct_usage_events`.
            condition: SQL condition of the days to look at.
    -#}
{%- set components = {} -%}
{%- for component in llm_chargeback.price_components() -%}
    {%- do components.update({component.name: component}) -%}
{%- endfor -%}
{%- set parts = llm_chargeback.store_parts() -%}
store_events as (

    select
        {%- for name, expression in llm_chargeback.usage_dimensions().items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        service_tier,
        coalesce(price_region, '') as price_region,
        event_at,
        {{ llm_chargeback.minute_of_week('event_at') }} as event_minute,
        input_tokens,
        uncached_input_tokens as text_input_tokens,
        coalesce(request_count, 1) as billed_requests,
        read_units,
        write_units,
        search_units,
        storage_gb_months,
        egress_bytes,
        list_cost_usd
    from {{ events }}
    where
        {{ condition }}
        and source_name = 'retrieval'
        and pricing_status = 'priced'

),

store_amounts as (

    select
        store_events.*,
        cards.currency,
        cards.usd_per_unit,
        {%- for part, component in parts.items() %}
        {{ llm_chargeback.component_cost(components[component], 'list', 'store_events', 'cards') }}
            as {{ part }}_amount{% if not loop.last %},{% endif %}
        {%- endfor %}
    from store_events
    inner join {{ ref('int_prices_pivoted') }} as cards
        on
            {{ llm_chargeback.is_on_card('store_events', 'cards', 'store_events.input_tokens') }}

),

store_parts as (

    select
        *,
        {%- for part in parts %}
        {{ llm_chargeback.to_usd(part ~ '_amount') }} as {{ part }}_usd{% if not loop.last %},{% endif %}
        {%- endfor %}
    from store_amounts

),

store_calls as (

    select
        *,
        list_cost_usd
        {%- for part in parts %}
        - {{ part }}_usd
        {%- endfor %} as rest_usd
    from store_parts

)
{%- endmacro %}
