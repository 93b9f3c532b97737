-- A name of a team or feature, in any case, means one of them.
with names as (

    {% for kind, seed, column in [
        ('team', 'teams', 'team_id'),
        ('team', 'teams', 'team_name'),
        ('team', 'team_aliases', 'alias'),
        ('feature', 'features', 'feature_id'),
        ('feature', 'features', 'feature_name'),
        ('feature', 'feature_aliases', 'alias'),
    ] %}
    select
        '{{ kind }}' as kind,
        {{ text_key(column) }} as name,
        {{ text_key(kind ~ '_id') }} as meaning
    from {{ ref(seed) }}
    {% if not loop.last %}
    union
    {% endif %}
    {% endfor %}

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
