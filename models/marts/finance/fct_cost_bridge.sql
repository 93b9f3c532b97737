{#- From list to effective cost, one step a row: each step is what it adds to those before it. #}

{%- set steps = {
    'list_cost': ['list', 'list_cost_usd'],
    'negotiated_rates': ['list', '-negotiated_discount_usd'],
    'free_allowances': ['list', '-free_allowance_usd'],
    'volume_tiers': ['list', '-volume_discount_usd'],
    'capacity': ['commitments', 'capacity_usd'],
    'minimum_shortfall': ['commitments', 'shortfall_usd'],
    'credits': ['invoices', 'credit_usd'],
    'invoice_difference': ['invoices', 'difference_usd'],
} %}

with daily_costs as (

    select * from {{ ref('fct_team_daily_costs') }}

),

commitment_amounts as (

    select * from {{ ref('int_commitment_amounts') }}

),

invoiced as (

    select * from {{ ref('int_provider_invoices') }}

),

list as (

    select
        {{ month_of('event_date') }} as period,
        provider,
        {{ money('sum(list_cost_usd)') }} as list_cost_usd,
        {{ money('sum(negotiated_discount_usd)') }} as negotiated_discount_usd,
        {{ money('sum(free_allowance_usd)') }} as free_allowance_usd,
        {{ money('sum(volume_discount_usd)') }} as volume_discount_usd,
        {{ money('sum(contracted_cost_usd)') }} as contracted_cost_usd
    from daily_costs
    group by
        {{ month_of('event_date') }},
        provider

),

commitments as (

    select
        usage_month as period,
        provider,
        {{ money("sum(case when commitment_kind = 'capacity' then pool_usd else 0 end)") }}
            as capacity_usd,
        {{ money("sum(case when commitment_kind = 'minimum' then pool_usd else 0 end)") }}
            as shortfall_usd
    from commitment_amounts
    group by
        usage_month,
        provider

),

-- What is expected before credits, and what the invoice says: no invoice, no difference.
invoices as (

    select
        invoiced.period,
        invoiced.provider,
        invoiced.credit_usd,
        {{ money(
            'invoiced.billed_usd - coalesce(list.contracted_cost_usd, 0)'
            ~ ' - coalesce(commitments.capacity_usd, 0) - coalesce(commitments.shortfall_usd, 0)'
        ) }} as difference_usd
    from invoiced
    left join list
        on
            invoiced.period = list.period
            and invoiced.provider = list.provider
    left join commitments
        on
            invoiced.period = commitments.period
            and invoiced.provider = commitments.provider

),

amounts as (

    {% for step, (relation, amount) in steps.items() -%}
    select
        period,
        provider,
        {{ loop.index }} as step_number,
        '{{ step }}' as step,
        {{ money('coalesce(' ~ amount ~ ', 0)') }} as amount_usd
    from {{ relation }}
    {% if not loop.last -%}
    union all
    {% endif %}
    {% endfor %}

),

running as (

    select
        amounts.period,
        amounts.provider,
        amounts.step_number,
        amounts.step,
        amounts.amount_usd,
        {{ money(
            'sum(amounts.amount_usd) over (partition by amounts.period, amounts.provider'
            ~ ' order by amounts.step_number)'
        ) }} as running_cost_usd,
        invoices.provider is null as is_estimate
    from amounts
    left join invoices
        on
            amounts.period = invoices.period
            and amounts.provider = invoices.provider

)

select * from running
