-- A volume step or a commitment for a model without a price: nothing would count.
with priced_models as (

    select distinct
        provider,
        model_id
    from {{ ref('int_prices_unioned') }}

),

agreements as (

    {% for seed, key in [
        ('volume_tiers', 'schedule_id'),
        ('commitments', 'commitment_id'),
    ] -%}
    select
        '{{ seed }}' as seed,
        {{ key }} as agreement,
        {{ text_key('provider') }} as provider,
        {{ text_key('model') }} as model_id
    from {{ ref(seed) }}
    where model is not null
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

)

select agreements.*
from agreements
left join priced_models
    on
        agreements.provider = priced_models.provider
        and agreements.model_id = priced_models.model_id
where priced_models.model_id is null
