{#- What counts towards each minimum in each month: the calls in its scope on its days, and what is
    paid for reserved capacity in its scope on these days. #}

with commitment_months as (

    select * from {{ ref('int_commitment_months') }}

),

minimums as (

    select * from commitment_months
    where commitment_kind = 'minimum'

),

capacities as (

    select * from commitment_months
    where commitment_kind = 'capacity'

),

daily_costs as (

    select
        provider,
        model_id,
        service_tier,
        event_date,
        sum(contracted_cost_usd) as contracted_cost_usd
    from {{ ref('fct_team_daily_costs') }}
    group by
        provider,
        model_id,
        service_tier,
        event_date

),

in_scope as (

    select
        minimums.commitment_id,
        minimums.usage_month,
        capacities.amount_usd,
        capacities.committed_minutes,
        greatest(minimums.covered_from, capacities.covered_from) as shared_from,
        least(minimums.covered_to, capacities.covered_to) as shared_to
    from minimums
    inner join capacities
        on
            minimums.provider = capacities.provider
            and minimums.usage_month = capacities.usage_month
            and minimums.covered_from < capacities.covered_to
            and minimums.covered_to > capacities.covered_from
            and (minimums.model_id is null or minimums.model_id = capacities.model_id)
            and (minimums.service_tier is null or minimums.service_tier = capacities.service_tier)

),

shared as (

    select
        *,
        cast(
            {{ dbt.datediff('shared_from', 'shared_to', 'minute') }}  -- noqa: LT05
            as bigint
        ) as shared_minutes
    from in_scope

),

counting as (

    select
        minimums.commitment_id,
        minimums.usage_month,
        daily_costs.contracted_cost_usd as used_usd
    from minimums
    inner join daily_costs
        on
            minimums.provider = daily_costs.provider
            and minimums.covered_from <= cast(daily_costs.event_date as timestamp)
            and minimums.covered_to > cast(daily_costs.event_date as timestamp)
            and (minimums.model_id is null or minimums.model_id = daily_costs.model_id)
            and (minimums.service_tier is null or minimums.service_tier = daily_costs.service_tier)

    union all

    select
        commitment_id,
        usage_month,
        {{ divide_money('amount_usd * shared_minutes', 'committed_minutes') }} as used_usd
    from shared

    union all

    select
        commitment_id,
        usage_month,
        0 as used_usd
    from minimums

),

used as (

    select
        commitment_id,
        usage_month,
        {{ money('sum(used_usd)') }} as used_usd
    from counting
    group by
        commitment_id,
        usage_month

)

select * from used
