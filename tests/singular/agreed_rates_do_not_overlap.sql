-- Two rates of one scope at the same time: one would win by its name. Capacity may be bought twice:
-- calls cost nothing under one as under two, and both are paid.
with rates as (

    select * from {{ ref('int_rates_agreed') }}
    where precedence > 1

)

select
    earlier.rate_id,
    later.rate_id as other_rate_id
from rates as earlier
inner join rates as later
    on
        earlier.rate_id < later.rate_id
        and earlier.provider = later.provider
        and coalesce(earlier.model_id, '') = coalesce(later.model_id, '')
        and coalesce(earlier.region, '') = coalesce(later.region, '')
        and coalesce(earlier.service_tier, '') = coalesce(later.service_tier, '')
        and coalesce(earlier.component, '') = coalesce(later.component, '')
        and earlier.valid_from < later.valid_to
        and earlier.valid_to > later.valid_from
