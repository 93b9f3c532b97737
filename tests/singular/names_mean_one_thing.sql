-- A name of a team or feature, in any case, means one of them.
with names as (

    select
        'team' as kind,
        {{ text_key('team_id') }} as name,
        {{ text_key('team_id') }} as meaning
    from {{ ref('teams') }}

    union

    select
        'team' as kind,
        {{ text_key('team_name') }} as name,
        {{ text_key('team_id') }} as meaning
    from {{ ref('teams') }}

    union

    select
        'team' as kind,
        {{ text_key('alias') }} as name,
        {{ text_key('team_id') }} as meaning
    from {{ ref('team_aliases') }}

    union

    select
        'feature' as kind,
        {{ text_key('feature_id') }} as name,
        {{ text_key('feature_id') }} as meaning
    from {{ ref('features') }}

    union

    select
        'feature' as kind,
        {{ text_key('feature_name') }} as name,
        {{ text_key('feature_id') }} as meaning
    from {{ ref('features') }}

    union

    select
        'feature' as kind,
        {{ text_key('alias') }} as name,
        {{ text_key('feature_id') }} as meaning
    from {{ ref('feature_aliases') }}

)

select
    kind,
    name,
    min(meaning) as meaning,
    max(meaning) as other_meaning
from names
group by
    kind,
    name
having count(*) > 1
