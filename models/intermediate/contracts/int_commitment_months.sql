{#- What each commitment asks for each month, from the first to the last with usage or an invoice of
    anyone: a month in which nobody called costs the same. #}

with commitments as (

    select
        commitment_id,
        {{ text_key('provider') }} as provider,
        {{ text_key('model') }} as model_id,
        {{ text_key('service_tier') }} as service_tier,
        commitment_kind,
        amount,
        upper(trim(currency)) as currency,
        cast(valid_from as timestamp) as valid_from,
        coalesce(cast(valid_to as timestamp), {{ last_timestamp() }}) as valid_to
    from {{ ref('commitments') }}

),

currency_rates as (

    select * from {{ ref('int_currency_rates') }}

),

known_months as (

    select {{ month_of('event_date') }} as usage_month
    from {{ ref('int_usage_event_days') }}

    union

    select period as usage_month
    from {{ ref('int_provider_invoices') }}

),

bounds as (

    select
        min(usage_month) as first_month,
        max(usage_month) as last_month
    from known_months

),

digits as (

    {% for digit in range(10) -%}
    select {{ digit }} as digit
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

months as (

    select
        {{ month_of(dbt.dateadd(
            'month', 'hundreds.digit * 100 + tens.digit * 10 + ones.digit', 'bounds.first_month'
        )) }} as usage_month,
        {{ month_of(dbt.dateadd(
            'month', 'hundreds.digit * 100 + tens.digit * 10 + ones.digit + 1', 'bounds.first_month'
        )) }} as next_month,
        bounds.last_month
    from bounds
    cross join digits as hundreds
    cross join digits as tens
    cross join digits as ones

),

covered as (

    select
        commitments.commitment_id,
        commitments.provider,
        commitments.model_id,
        commitments.service_tier,
        commitments.commitment_kind,
        commitments.amount as monthly_amount,
        commitments.currency,
        months.usage_month,
        months.next_month,
        currency_rates.usd_per_unit,
        greatest(cast(months.usage_month as timestamp), commitments.valid_from) as covered_from,
        least(cast(months.next_month as timestamp), commitments.valid_to) as covered_to
    from commitments
    inner join months
        on
            commitments.valid_from < cast(months.next_month as timestamp)
            and commitments.valid_to > cast(months.usage_month as timestamp)
            and months.usage_month <= months.last_month
    left join currency_rates
        on
            commitments.currency = currency_rates.currency
            and cast(months.usage_month as timestamp) >= currency_rates.valid_from
            and cast(months.usage_month as timestamp) < currency_rates.valid_to

),

counted_minutes as (

    select
        *,
        1440 * {{ dbt.datediff('usage_month', 'next_month', 'day') }} as month_minutes,  -- noqa: LT05
        cast(
            {{ dbt.datediff('covered_from', 'covered_to', 'minute') }}  -- noqa: LT05
            as bigint
        ) as committed_minutes
    from covered

),

prorated as (

    select
        *,
        {{ divide_money('monthly_amount * committed_minutes', 'month_minutes') }} as amount
    from counted_minutes

),

final as (

    select
        commitment_id,
        provider,
        model_id,
        service_tier,
        commitment_kind,
        currency,
        committed_minutes,
        amount,
        {{ money('amount * usd_per_unit') }} as amount_usd,
        usage_month,
        covered_from,
        covered_to
    from prorated

)

select * from final
