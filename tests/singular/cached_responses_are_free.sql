-- What the gateway's own cache answered costs nothing, and what the provider's cache served is
-- known to be priced as such.
select
    event_id,
    pricing_status,
    list_cost_usd,
    negotiated_cost_usd,
    cache_saving_usd
from {{ ref('fct_usage_events') }}
where
    (
        is_gateway_cache_hit
        and (
            coalesce(list_cost_usd, -1) <> 0
            or coalesce(negotiated_cost_usd, -1) <> 0
            or cache_saving_usd is not null
        )
    )
    or (pricing_status = 'priced' and cache_read_tokens > 0 and cache_saving_usd is null)
