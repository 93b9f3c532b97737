-- Two splits of one team and scope at the same time: it is not known which holds.
with eval_splits as (

    select
        coalesce({{ text_key('team_id') }}, '') as team_id,
        coalesce({{ text_key('scope') }}, '') as scope,
        team_share,
        coalesce(cast(valid_from as date), cast({{ first_timestamp() }} as date)) as valid_from,
        coalesce(cast(valid_to as date), cast({{ last_timestamp() }} as date)) as valid_to
    from {{ ref('eval_splits') }}

)

select
    earlier.team_id,
    earlier.scope,
    earlier.team_share,
    later.team_share as other_team_share
from eval_splits as earlier
inner join eval_splits as later
    on
        earlier.team_id = later.team_id
        and earlier.scope = later.scope
        and earlier.valid_from < later.valid_from
        and earlier.valid_to > later.valid_from
