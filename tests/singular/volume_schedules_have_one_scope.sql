-- The steps of a schedule count the same thing.
select
    schedule_id,
    count(distinct provider) as provider_count
from {{ ref('volume_tiers') }}
group by schedule_id
having
    count(distinct provider) > 1
    or count(distinct coalesce(model, '')) > 1
    or count(distinct coalesce(service_tier, '')) > 1
    or count(distinct measure) > 1
