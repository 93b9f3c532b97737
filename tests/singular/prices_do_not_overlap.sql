-- At any moment a card has one price for a component, in the book and of the company's own: two
-- would make one win in silence.
with listed as (

    {% for seed in ['price_book', 'price_overrides'] -%}
    select
        '{{ seed }}' as seed,
        provider,
        model,
        service_tier,
        component,
        price,
        region,
        min_input_tokens,
        days_of_week,
        daily_from,
        daily_to,
        effective_from,
        effective_to
    from {{ ref(seed) }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

prices as (

    select
        seed,
        provider,
        model,
        service_tier,
        component,
        coalesce(region, '') as region,
        coalesce(min_input_tokens, 0) as min_input_tokens,
        coalesce(days_of_week, '1234567') as days_of_week,
        coalesce(daily_from, '00:00') as daily_from,
        coalesce(daily_to, '24:00') as daily_to,
        effective_from,
        coalesce(effective_to, {{ last_timestamp() }}) as effective_to,
        row_number() over (
            partition by seed, provider, model, service_tier, component
            order by effective_from, effective_to, price
        ) as price_number
    from listed

)

select
    earlier.seed,
    earlier.provider,
    earlier.model,
    earlier.service_tier,
    earlier.component,
    earlier.effective_from,
    later.effective_from as other_effective_from
from prices as earlier
inner join prices as later
    on
        earlier.seed = later.seed
        and earlier.provider = later.provider
        and earlier.model = later.model
        and earlier.service_tier = later.service_tier
        and earlier.component = later.component
        and earlier.region = later.region
        and earlier.min_input_tokens = later.min_input_tokens
        -- Groups of days are disjoint or the same; 'every day' meets all of them.
        and (
            earlier.days_of_week = later.days_of_week
            or '1234567' in (earlier.days_of_week, later.days_of_week)
        )
        and earlier.price_number < later.price_number
        and earlier.effective_from < later.effective_to
        and earlier.effective_to > later.effective_from
        and earlier.daily_from < later.daily_to
        and earlier.daily_to > later.daily_from
