-- Two minimums of one provider at the same time, neither of which is a part of the other: it is not
-- known which of them a call counts towards.
with minimums as (

    select
        commitment_id,
        {{ text_key('provider') }} as provider,
        {{ text_key('model') }} as model_id,
        {{ text_key('service_tier') }} as service_tier,
        valid_from,
        coalesce(valid_to, {{ last_timestamp() }}) as valid_to,
        case when model is null then 0 else 1 end
        + case when service_tier is null then 0 else 1 end as named_count
    from {{ ref('commitments') }}
    where commitment_kind = 'minimum'

)

select
    earlier.commitment_id,
    later.commitment_id as other_commitment_id
from minimums as earlier
inner join minimums as later
    on
        earlier.commitment_id < later.commitment_id
        and earlier.provider = later.provider
        and earlier.named_count = later.named_count
        and coalesce(earlier.model_id, later.model_id, '')
        = coalesce(later.model_id, earlier.model_id, '')
        and coalesce(earlier.service_tier, later.service_tier, '')
        = coalesce(later.service_tier, earlier.service_tier, '')
        and earlier.valid_from < later.valid_to
        and earlier.valid_to > later.valid_from
