-- What caches served, kept and saved is in fct_cache_savings as it is in the events, and nothing
-- was missed that was not sent.
with sides as (

    select
        event_date,
        team_id,
        case when is_gateway_cache_hit then 1 else 0 end as hit_count,
        case
            when is_gateway_cache_hit then 0
            else cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens
        end as cached_tokens,
        avoided_cost_usd + coalesce(cache_saving_usd, 0) as saved_usd,
        coalesce(cache_write_cost_usd, 0) as cache_write_cost_usd
    from {{ ref('fct_usage_events') }}

    union all

    select
        event_date,
        team_id,
        -gateway_cache_hit_count as hit_count,
        -cache_read_tokens - cache_write_tokens as cached_tokens,
        -saved_usd as saved_usd,
        -cache_write_cost_usd as cache_write_cost_usd
    from {{ ref('fct_cache_savings') }}

),

differences as (

    select
        event_date,
        team_id,
        sum(hit_count) as hit_difference,
        sum(cached_tokens) as token_difference,
        sum(saved_usd) as saved_difference_usd,
        sum(cache_write_cost_usd) as write_cost_difference_usd
    from sides
    group by
        event_date,
        team_id

)

select * from differences
where
    hit_difference <> 0
    or token_difference <> 0
    or saved_difference_usd <> 0
    or write_cost_difference_usd <> 0
