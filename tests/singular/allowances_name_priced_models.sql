{{ config(severity='warn') }}

-- A free allowance for a model without a price: it may have gone from the price book.
with priced_models as (

    select distinct
        provider,
        model_id
    from {{ ref('int_prices_unioned') }}

)

select distinct
    allowances.allowance,
    allowances.provider,
    allowances.model
from {{ ref('free_allowances') }} as allowances
left join priced_models
    on
        {{ text_key('allowances.provider') }} = priced_models.provider
        and {{ text_key('allowances.model') }} = priced_models.model_id
where
    allowances.model is not null
    and priced_models.model_id is null
