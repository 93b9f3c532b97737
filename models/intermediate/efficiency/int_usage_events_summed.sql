{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date',
    pre_hook=[
        "{{ delete_gone_dates(ref('int_usage_event_days')) }}",
        "{{ joins_by_hash() }}",
    ],
    on_schema_change='fail',
) }}

{#- One table for all marts on waste, caches, retrieval, evals and actions. The events are named
    where they are read: a common table expression that is read several times would be written down
    whole. #}

{%- set is_changed =
    'event_date in (' ~ changed_dates(ref('int_usage_event_days')) ~ ')' if is_incremental()
    else '1 = 1' %}
{%- set dimensions = usage_dimensions() %}
{%- set names = {} %}
{%- for name in dimensions %}{% do names.update({name: name}) %}{% endfor %}
{%- set if_sent = 'case when is_gateway_cache_hit then 0 else ' %}
{%- set counts = {
    'event_count': '1',
    'action_count': 'coalesce(request_count, 1)',
    'failed_event_count': "case when status = 'failure' then 1 else 0 end",
    'gateway_cache_hit_count': 'case when is_gateway_cache_hit then 1 else 0 end',
    'cached_call_count': if_sent ~ 'case when cache_read_tokens > 0 then 1 else 0 end end',
    'store_query_count':
        "case when operation = 'retrieval' and source_name = 'retrieval' then 1 else 0 end",
    'traced_query_count':
        "case when operation = 'retrieval' and source_name <> 'retrieval' then 1 else 0 end",
    'input_tokens': 'input_tokens',
    'output_tokens': 'output_tokens',
    'sent_input_tokens': if_sent ~ 'input_tokens end',
    'cache_read_tokens': if_sent ~ 'cache_read_tokens end',
    'cache_write_tokens': if_sent ~ 'cache_write_5m_tokens + cache_write_1h_tokens end',
} %}
{%- set amounts = {
    'list_cost_usd': 'coalesce(list_cost_usd, 0)',
    'negotiated_cost_usd': 'coalesce(negotiated_cost_usd, 0)',
    'avoided_cost_usd': 'avoided_cost_usd',
    'cache_saving_usd': 'coalesce(cache_saving_usd, 0)',
    'cache_write_cost_usd': 'coalesce(cache_write_cost_usd, 0)',
} %}
{%- set missed = {
    'missed_call_count': '1',
    'missed_cache_tokens': 'missed_tokens',
    'missed_saving_usd': to_usd('missed_saving'),
} %}
{#- A store's own log tells the parts of a call; any other call is one part, by its operation. #}
{%- set own_parts, whole_parts = {}, {} %}
{%- for part in store_parts() %}
{%- set is_operation = "operation = '" ~ store_part_operations().get(part, 'none') ~ "'" %}
{%- do own_parts.update({
    part ~ '_cost_usd': part ~ '_usd + case when ' ~ is_operation ~ ' then rest_usd else 0 end'
}) %}
{%- do whole_parts.update({
    part ~ '_cost_usd':
        "case when source_name <> 'retrieval' and " ~ is_operation
        ~ ' then coalesce(list_cost_usd, 0) else 0 end'
}) %}
{%- endfor %}
{%- set told = dict(counts, **amounts) %}
{%- do told.update(whole_parts) %}
{%- set measures = told.keys() | list + missed.keys() | list %}

-- missed_calls: calls that sent again what the provider's cache could have kept.
with {{ cache_misses(ref('fct_usage_events'), is_changed) }},

-- store_calls: what calls to vector stores cost, part by part.
{{ store_costs(ref('fct_usage_events'), is_changed) }},

unioned as (

    {{ summed_branch(
        ref('fct_usage_events'), dimensions, measures, told, 'last_load_id', is_changed
    ) }}

    union all

    {{ summed_branch('missed_calls', names, measures, missed) }}

    union all

    {{ summed_branch('store_calls', names, measures, own_parts) }}

),

summed as (

    select
        {{ names | join(',\n        ') }},
        {%- for name in measures %}
        {% if name.endswith('_usd') -%}
        {{ money('sum(' ~ name ~ ')') }} as {{ name }},
        {%- else -%}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endif %}
        {%- endfor %}
        max(last_load_id) as last_load_id
    from unioned
    group by
        {{ names | join(',\n        ') }}

)

select * from summed
