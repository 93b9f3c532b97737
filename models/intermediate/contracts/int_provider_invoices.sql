{#- What each provider billed for a month: usage, commitments and minimums on one side, credits on
    the other. #}

with invoice_lines as (

    select * from {{ ref('int_invoice_lines_converted') }}
    where not is_no_usage

),

-- A line that can't be read leaves the month without an invoice.
invoices as (

    select
        period,
        provider,
        {{ money("sum(case when line_kind <> 'credit' then amount_usd else 0 end)") }}
            as billed_usd,
        {{ money("sum(case when line_kind = 'credit' then amount_usd else 0 end)") }} as credit_usd
    from invoice_lines
    where
        period is not null
        and provider is not null
    group by
        period,
        provider
    having count(problem) = 0

)

select * from invoices
