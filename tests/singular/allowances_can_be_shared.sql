-- An event keeps the use of one allowance, which the whole organisation shares.
with allowances as (

    select
        allowance,
        provider,
        model,
        quantity,
        period,
        pooled_over
    from {{ ref('free_allowances') }}
    where
        condition is null
        or allowance in ({{ quoted(var('agreed_allowances') or ['']) }})

),

problems as (

    select distinct
        earlier.allowance,
        'shares a model with ' || later.allowance || ': a model has one allowance' as problem
    from allowances as earlier
    inner join allowances as later
        on
            earlier.allowance < later.allowance
            and earlier.provider = later.provider
            and coalesce(earlier.model, later.model, '') = coalesce(later.model, earlier.model, '')

    union all

    select
        allowance,
        'rows of one allowance differ in quantity or period' as problem
    from allowances
    group by allowance
    having
        min(quantity) < max(quantity)
        or min(period) < max(period)

    union all

    select distinct
        allowance,
        'only what is pooled over the organisation is rated' as problem
    from allowances
    where pooled_over <> 'organisation'

)

select * from problems
