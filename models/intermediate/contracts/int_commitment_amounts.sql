{#- What each commitment costs in each month apart from the calls: all of a capacity, of a minimum
    what nothing counted towards.

    Of model and tier a minimum names two, one or none. The narrower go first: what they leave to
    pay is paid to the same provider, and counts towards the wider. #}

with commitment_months as (

    select * from {{ ref('int_commitment_months') }}

),

minimums_used as (

    select * from {{ ref('int_minimums_used') }}

),

minimums as (

    select
        commitment_months.commitment_id,
        commitment_months.provider,
        commitment_months.model_id,
        commitment_months.service_tier,
        commitment_months.usage_month,
        commitment_months.amount_usd,
        minimums_used.used_usd,
        case when commitment_months.model_id is null then 0 else 1 end
        + case when commitment_months.service_tier is null then 0 else 1 end as named_count
    from commitment_months
    inner join minimums_used
        on
            commitment_months.commitment_id = minimums_used.commitment_id
            and commitment_months.usage_month = minimums_used.usage_month

),

-- None is narrower than those that name both.
narrower_than_2 as (

    select
        commitment_id,
        provider,
        model_id,
        service_tier,
        usage_month,
        used_usd as counted_cost_usd,
        used_usd as pool_usd
    from minimums
    where named_count > 2

),

{% for scope in [2, 1, 0] -%}
counted_{{ scope }} as (

    select
        minimums.commitment_id,
        minimums.provider,
        minimums.model_id,
        minimums.service_tier,
        minimums.usage_month,
        minimums.amount_usd,
        {{ money('minimums.used_usd + coalesce(sum(narrower.pool_usd), 0)') }} as counted_cost_usd
    from minimums
    left join narrower_than_{{ scope }} as narrower
        on
            minimums.provider = narrower.provider
            and minimums.usage_month = narrower.usage_month
            and (minimums.model_id is null or minimums.model_id = narrower.model_id)
            and (minimums.service_tier is null or minimums.service_tier = narrower.service_tier)
    where minimums.named_count = {{ scope }}
    group by
        minimums.commitment_id,
        minimums.provider,
        minimums.model_id,
        minimums.service_tier,
        minimums.usage_month,
        minimums.amount_usd,
        minimums.used_usd

),

-- Of an amount that is not known nothing is known: no zero.
{{ 'shortfalls' if loop.last else 'narrower_than_' ~ (scope - 1) }} as (

    select
        commitment_id,
        provider,
        model_id,
        service_tier,
        usage_month,
        counted_cost_usd,
        case
            when amount_usd <= counted_cost_usd then {{ money('0') }}
            else {{ money('amount_usd - counted_cost_usd') }}
        end as pool_usd
    from counted_{{ scope }}

    union all

    select * from narrower_than_{{ scope }}

),

{% endfor -%}

amounts as (

    select
        commitment_months.commitment_id,
        commitment_months.provider,
        commitment_months.commitment_kind,
        commitment_months.currency,
        commitment_months.usage_month,
        commitment_months.amount,
        commitment_months.amount_usd,
        coalesce(shortfalls.counted_cost_usd, {{ money('0') }}) as counted_cost_usd,
        case
            when commitment_months.commitment_kind = 'capacity' then commitment_months.amount_usd
            else shortfalls.pool_usd
        end as pool_usd
    from commitment_months
    left join shortfalls
        on
            commitment_months.commitment_id = shortfalls.commitment_id
            and commitment_months.usage_month = shortfalls.usage_month

)

select * from amounts
