-- A name of two features could double what is looked up.
with names as (

    select
        {{ text_key('feature_id') }} as name,
        feature_id
    from {{ ref('features') }}

    union

    select
        {{ text_key('feature_name') }} as name,
        feature_id
    from {{ ref('features') }}

)

select
    name,
    min(feature_id) as feature_id,
    max(feature_id) as other_feature_id
from names
where name is not null
group by name
having count(distinct feature_id) > 1
