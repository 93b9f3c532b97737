{#- What each provider billed for a month: usage, commitments and minimums on one side, credits on
    the other. Taxes and seats are no cost of usage. #}

with invoice_lines as (

    select * from {{ ref('stg_finance__invoice_lines') }}

),

provider_names as (

    select * from {{ ref('int_provider_names') }}

),

currency_rates as (

    select * from {{ ref('int_currency_rates') }}

),

read_lines as (

    select
        coalesce(provider_names.provider, invoice_lines.provider_name) as provider,
        {{ period_start('invoice_lines.period') }} as period,
        invoice_lines.line_kind,
        invoice_lines.amount,
        invoice_lines.currency
    from invoice_lines
    left join provider_names
        on invoice_lines.provider_name = provider_names.provider_alias
    where invoice_lines.line_kind in ('usage', 'commitment', 'minimum', 'credit')

),

converted as (

    select
        read_lines.provider,
        read_lines.period,
        read_lines.line_kind,
        {{ money('read_lines.amount * currency_rates.usd_per_unit') }} as amount_usd
    from read_lines
    left join currency_rates
        on
            read_lines.currency = currency_rates.currency
            and cast(read_lines.period as timestamp) >= currency_rates.valid_from
            and cast(read_lines.period as timestamp) < currency_rates.valid_to

),

-- A line whose amount in USD is not known leaves the month without an invoice.
invoices as (

    select
        period,
        provider,
        {{ money("sum(case when line_kind <> 'credit' then amount_usd else 0 end)") }}
            as billed_usd,
        {{ money("sum(case when line_kind = 'credit' then amount_usd else 0 end)") }} as credit_usd
    from converted
    where period is not null
    group by
        period,
        provider
    having count(*) = count(amount_usd)

)

select * from invoices
