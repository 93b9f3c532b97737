"""The query that a person would write to rate the events of the speed test.

The five kinds of tokens that they have, models by their names in the price book, and no day, region
or unit that they do not need. `{seeds}` is the folder of the reference seeds, `{events}` the
events.
"""

QUERY = """
with prices as (
    select
        provider,
        model,
        service_tier,
        min_input_tokens + (threshold_operator = '>' and min_input_tokens > 0)::int as tokens_from,
        effective_from,
        coalesce(effective_to, date '9999-12-31') as effective_to,
        max(price) filter (component = 'input') as input_price,
        max(price) filter (component = 'output') as output_price,
        max(price) filter (component = 'cache_read') as cache_read_price,
        max(price) filter (component = 'cache_write_5m') as cache_write_5m_price,
        max(price) filter (component = 'cache_write_1h') as cache_write_1h_price
    from
        read_csv(
            '{seeds}/price_book.csv',
            types = {{'price': 'decimal(18, 9)', 'region': 'varchar', 'days_of_week': 'varchar'}}
        )
    where region is null and daily_from is null and unit = 'per_million_tokens'
    group by all
),

ranges as (
    select
        provider,
        model,
        service_tier,
        tokens_from,
        lead(tokens_from, 1, 9223372036854775807) over (
            partition by provider, model, service_tier, effective_from
            order by tokens_from
        ) as tokens_to,
        effective_from,
        effective_to,
        cast(input_price * 0.000001 as decimal(18, 15)) as input_usd,
        cast(output_price * 0.000001 as decimal(18, 15)) as output_usd,
        cast(coalesce(cache_read_price, input_price) * 0.000001 as decimal(18, 15)) as read_usd,
        cast(
            coalesce(cache_write_5m_price, input_price) * 0.000001 as decimal(18, 15)
        ) as write_usd,
        cast(
            coalesce(cache_write_1h_price, cache_write_5m_price, input_price) * 0.000001
            as decimal(18, 15)
        ) as write_1h_usd
    from prices
)

select
    events.event_date,
    events.team_id,
    ranges.provider,
    ranges.model as model_id,
    count(*) as event_count,
    sum(
        events.uncached_input_tokens * ranges.input_usd
        + events.cache_read_tokens * ranges.read_usd
        + events.cache_write_5m_tokens * ranges.write_usd
        + events.cache_write_1h_tokens * ranges.write_1h_usd
        + events.output_tokens * ranges.output_usd
    ) as list_cost_usd
from {events} as events
inner join ranges
    on
        events.provider_name = ranges.provider
        and events.model_name = ranges.model
        and events.service_tier = ranges.service_tier
        and events.event_at >= ranges.effective_from
        and events.event_at < ranges.effective_to
        and events.uncached_input_tokens + events.cache_read_tokens
        + events.cache_write_5m_tokens + events.cache_write_1h_tokens >= ranges.tokens_from
        and events.uncached_input_tokens + events.cache_read_tokens
        + events.cache_write_5m_tokens + events.cache_write_1h_tokens < ranges.tokens_to
group by all
"""
