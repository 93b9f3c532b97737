{#- What each commitment costs in each month with usage, in parts of the month by days, and what usage
    counts towards a minimum. #}

with daily_costs as (

    select * from {{ ref('fct_team_daily_costs') }}

),

commitments as (

    select
        commitment_id,
        {{ text_key('provider') }} as provider,
        {{ text_key('model') }} as model_id,
        {{ text_key('service_tier') }} as service_tier,
        commitment_kind,
        amount,
        upper(trim(currency)) as currency,
        valid_from,
        coalesce(valid_to, cast({{ last_timestamp() }} as date)) as valid_to
    from {{ ref('commitments') }}

),

currency_rates as (

    select * from {{ ref('int_currency_rates') }}

),

months as (

    select
        {{ month_of('event_date') }} as usage_month,
        {{ month_of(dbt.dateadd('month', 1, month_of('event_date'))) }} as next_month
    from daily_costs
    group by
        {{ month_of('event_date') }},
        {{ month_of(dbt.dateadd('month', 1, month_of('event_date'))) }}

),

committed as (

    select
        commitments.*,
        months.usage_month,
        currency_rates.usd_per_unit,
        {{ dbt.datediff('months.usage_month', 'months.next_month', 'day') }} as month_days,
        {{ dbt.datediff(
            'greatest(months.usage_month, commitments.valid_from)',
            'least(months.next_month, commitments.valid_to)',
            'day'
        ) }} as committed_days
    from commitments
    inner join months
        on
            months.next_month > commitments.valid_from
            and months.usage_month < commitments.valid_to
    left join currency_rates
        on
            commitments.currency = currency_rates.currency
            and cast(months.usage_month as timestamp) >= currency_rates.valid_from
            and cast(months.usage_month as timestamp) < currency_rates.valid_to

),

monthly_costs as (

    select
        provider,
        model_id,
        service_tier,
        {{ month_of('event_date') }} as usage_month,
        sum(contracted_cost_usd) as contracted_cost_usd
    from daily_costs
    group by
        provider,
        model_id,
        service_tier,
        {{ month_of('event_date') }}

),

counted as (

    select
        committed.commitment_id,
        committed.usage_month,
        coalesce(sum(monthly_costs.contracted_cost_usd), 0) as counted_cost_usd
    from committed
    left join monthly_costs
        on
            committed.provider = monthly_costs.provider
            and committed.usage_month = monthly_costs.usage_month
            and monthly_costs.model_id = coalesce(committed.model_id, monthly_costs.model_id)
            and monthly_costs.service_tier
            = coalesce(committed.service_tier, monthly_costs.service_tier)
    group by
        committed.commitment_id,
        committed.usage_month

),

converted as (

    select
        committed.commitment_id,
        committed.provider,
        committed.commitment_kind,
        committed.usage_month,
        committed.currency,
        {{ divide_money('committed.amount * committed.committed_days', 'committed.month_days') }}
            as amount,
        {{ money(
            divide_money('committed.amount * committed.committed_days', 'committed.month_days')
            ~ ' * committed.usd_per_unit'
        ) }} as amount_usd,
        {{ money('counted.counted_cost_usd') }} as counted_cost_usd
    from committed
    inner join counted
        on
            committed.commitment_id = counted.commitment_id
            and committed.usage_month = counted.usage_month

),

amounts as (

    select
        *,
        case
            when commitment_kind = 'capacity' then amount_usd
            else greatest(amount_usd - counted_cost_usd, 0)
        end as pool_usd
    from converted

)

select * from amounts
