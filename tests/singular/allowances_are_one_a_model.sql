-- A model in two free allowances: its calls would use the first by name, and not the other.
with allowances as (

    select distinct
        provider,
        model,
        allowance
    from {{ ref('free_allowances') }}
    where
        condition is null
        or allowance in ({{ quoted(var('agreed_allowances') or ['']) }})

)

select
    one.provider,
    coalesce(one.model, another.model) as model,
    one.allowance,
    another.allowance as other_allowance
from allowances as one
inner join allowances as another
    on
        one.provider = another.provider
        and one.allowance < another.allowance
        and (one.model is null or another.model is null or one.model = another.model)
