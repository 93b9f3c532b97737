-- Up to the volume tiers the steps make the contracted cost; the next two are what commitments
-- leave to pay; all of them make what an invoice says.
with sides as (

    select
        period,
        provider,
        'contracted' as cost,
        amount_usd
    from {{ ref('fct_cost_bridge') }}
    where step in ('list_cost', 'negotiated_rates', 'free_allowances', 'volume_tiers')

    union all

    select
        {{ month_of('event_date') }} as period,
        provider,
        'contracted' as cost,
        -contracted_cost_usd as amount_usd
    from {{ ref('fct_team_daily_costs') }}

    union all

    select
        period,
        provider,
        'commitments' as cost,
        amount_usd
    from {{ ref('fct_cost_bridge') }}
    where step in ('capacity', 'minimum_shortfall')

    union all

    select
        usage_month as period,
        provider,
        'commitments' as cost,
        -pool_usd as amount_usd
    from {{ ref('int_commitment_amounts') }}

    union all

    select
        period,
        provider,
        'effective' as cost,
        amount_usd
    from {{ ref('fct_cost_bridge') }}
    where not is_estimate

    union all

    select
        period,
        provider,
        'effective' as cost,
        -billed_usd - credit_usd as amount_usd
    from {{ ref('int_provider_invoices') }}

)

select
    period,
    provider,
    cost,
    sum(amount_usd) as difference_usd
from sides
group by
    period,
    provider,
    cost
having sum(amount_usd) <> 0
