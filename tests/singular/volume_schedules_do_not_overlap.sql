-- Two schedules of one scope, or one step of a schedule twice, at the same time: it is not known
-- which discount holds.
with volume_tiers as (

    select
        schedule_id,
        min_quantity,
        {{ text_key('provider') }} as provider,
        coalesce({{ text_key('model') }}, '') as model_id,
        coalesce({{ text_key('service_tier') }}, '') as service_tier,
        coalesce(cast(valid_from as date), cast({{ first_timestamp() }} as date)) as valid_from,
        coalesce(cast(valid_to as date), cast({{ last_timestamp() }} as date)) as valid_to
    from {{ ref('volume_tiers') }}

)

select
    earlier.schedule_id,
    later.schedule_id as other_schedule_id,
    earlier.min_quantity,
    later.min_quantity as other_min_quantity
from volume_tiers as earlier
inner join volume_tiers as later
    on
        earlier.provider = later.provider
        and earlier.model_id = later.model_id
        and earlier.service_tier = later.service_tier
        and earlier.valid_from < later.valid_to
        and earlier.valid_to > later.valid_from
        and (
            earlier.schedule_id < later.schedule_id
            or (
                earlier.schedule_id = later.schedule_id
                and earlier.min_quantity = later.min_quantity
                and earlier.valid_from < later.valid_from
            )
        )
