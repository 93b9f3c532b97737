{% macro daily_measures() -%}
    {#- The measures of a daily cost mart, summed over usage events.

        One list, so that every rollup counts the same things. Unpriced events add no money; they are
        counted in `unpriced_event_count` and their tokens still count.
    -#}
    count(*) as event_count,
    cast(sum(case when status = 'failure' then 1 else 0 end) as bigint) as failed_event_count,
    cast(sum(case when is_gateway_cache_hit then 1 else 0 end) as bigint) as gateway_cache_hit_count,
    cast(sum(case when pricing_status = 'unpriced' then 1 else 0 end) as bigint) as unpriced_event_count,
    cast(sum(case when usage_source <> 'reported' then 1 else 0 end) as bigint) as estimated_event_count,
    cast(sum(input_tokens) as bigint) as input_tokens,
    cast(sum(cache_read_tokens) as bigint) as cache_read_tokens,
    cast(sum(cache_write_5m_tokens + cache_write_1h_tokens) as bigint) as cache_write_tokens,
    cast(sum(output_tokens) as bigint) as output_tokens,
    cast(sum(case when pricing_status = 'unpriced' then input_tokens + output_tokens else 0 end) as bigint)
        as unpriced_tokens,
    {{ llm_chargeback.money('sum(coalesce(list_cost_usd, 0))') }} as list_cost_usd,
    {{ llm_chargeback.money('sum(coalesce(negotiated_cost_usd, 0))') }} as negotiated_cost_usd,
    {{ llm_chargeback.money("sum(case when usage_source <> 'reported' then coalesce(list_cost_usd, 0) else 0 end)") }}
        as estimated_cost_usd,
    {{ llm_chargeback.money("sum(case when status = 'failure' then coalesce(list_cost_usd, 0) else 0 end)") }}
        as failed_cost_usd,
    {{ llm_chargeback.money('sum(avoided_cost_usd)') }} as avoided_cost_usd,
    {{ llm_chargeback.money('sum(coalesce(reported_cost_usd, 0))') }} as reported_cost_usd
{%- endmacro %}
