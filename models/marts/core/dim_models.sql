with price_book as (

    select * from {{ ref('price_book') }}

),

models_resolved as (

    select * from {{ ref('int_models_resolved') }}

),

model_tiers as (

    select * from {{ ref('model_tiers') }}

),

priced as (

    select distinct
        provider,
        model as model_id
    from price_book

),

used as (

    select distinct
        provider,
        model_id
    from models_resolved

),

known as (

    select * from priced
    union
    select * from used

),

final as (

    select
        known.provider,
        known.model_id,
        coalesce(model_tiers.model_tier, 'unknown') as model_tier,
        priced.model_id is not null as is_priced,
        used.model_id is not null as is_used
    from known
    left join priced
        on
            known.provider = priced.provider
            and known.model_id = priced.model_id
    left join used
        on
            known.provider = used.provider
            and known.model_id = used.model_id
    left join model_tiers
        on
            known.provider = model_tiers.provider
            and known.model_id = model_tiers.model

)

select * from final
