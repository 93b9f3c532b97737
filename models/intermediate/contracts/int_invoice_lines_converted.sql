{#- Every line of an invoice in USD, and why it can't be read where it can't: none is left out in
    silence. Taxes and seats are no cost of usage. #}

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
        invoice_lines.invoice_id,
        invoice_lines.line_id,
        coalesce(provider_names.provider, invoice_lines.provider_name) as provider,
        invoice_lines.period as period_text,
        {{ period_start('invoice_lines.period') }} as period,
        coalesce(invoice_lines.line_kind, '') as line_kind,
        coalesce(invoice_lines.line_kind, '') in ('seat', 'tax') as is_no_usage,
        invoice_lines.currency,
        invoice_lines.amount
    from invoice_lines
    left join provider_names
        on invoice_lines.provider_name = provider_names.provider_alias

),

converted as (

    select
        read_lines.*,
        {{ money('read_lines.amount * currency_rates.usd_per_unit') }} as amount_usd
    from read_lines
    left join currency_rates
        on
            read_lines.currency = currency_rates.currency
            and cast(read_lines.period as timestamp) >= currency_rates.valid_from
            and cast(read_lines.period as timestamp) < currency_rates.valid_to

),

checked as (

    select
        *,
        case
            when is_no_usage then null
            when line_kind not in ('usage', 'commitment', 'minimum', 'credit')
                then 'line_kind is none of usage, commitment, minimum, credit, seat and tax'
            when provider is null then 'provider is missing'
            when period is null then 'period is no month like 2026-03'
            when amount is null then 'amount is missing'
            when amount_usd is null then 'currency has no rate in fx_rates on the 1st of the month'
            when line_kind = 'credit' and amount > 0 then 'credit is not negative'
        end as problem
    from converted

)

select * from checked
