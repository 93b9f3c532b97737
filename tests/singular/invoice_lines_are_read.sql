-- Lines that can't be read, and why: their month counts as not invoiced.
select
    invoice_id,
    line_id,
    problem,
    provider,
    period_text,
    line_kind,
    currency,
    amount
from {{ ref('int_invoice_lines_converted') }}
where problem is not null
