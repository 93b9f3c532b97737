-- What a commitment in another currency costs is not known without a rate of the month's first day.
select
    commitment_id,
    currency,
    usage_month
from {{ ref('int_commitment_months') }}
where amount_usd is null
