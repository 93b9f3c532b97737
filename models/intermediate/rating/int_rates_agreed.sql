{{ config(materialized='table') }}

{#- What the company agreed with a provider, in the form of rates. Under a commitment to capacity a
    unit costs nothing: what was committed is paid whether it is used or not. #}

with negotiated_rates as (

    select
        rate_id,
        2 as precedence,
        {{ text_key('provider') }} as provider,
        {{ text_key('model') }} as model_id,
        {{ text_key('region') }} as region,
        {{ text_key('service_tier') }} as service_tier,
        {{ text_key('component') }} as component,
        discount,
        {{ price_per_unit('price', 'unit') }} as unit_price,
        upper(trim(currency)) as currency,
        coalesce(cast(valid_from as timestamp), {{ first_timestamp() }}) as valid_from,
        coalesce(cast(valid_to as timestamp), {{ last_timestamp() }}) as valid_to
    from {{ ref('negotiated_rates') }}

),

commitments as (

    select
        commitment_id as rate_id,
        1 as precedence,
        {{ text_key('provider') }} as provider,
        {{ text_key('model') }} as model_id,
        {{ text_key('region') }} as region,
        {{ text_key('service_tier') }} as service_tier,
        cast(null as {{ dbt.type_string() }}) as component,
        cast(1 as numeric(9, 6)) as discount,
        cast(null as {{ type_unit_price() }}) as unit_price,
        cast(null as {{ dbt.type_string() }}) as currency,
        cast(valid_from as timestamp) as valid_from,
        coalesce(cast(valid_to as timestamp), {{ last_timestamp() }}) as valid_to
    from {{ ref('commitments') }}
    where commitment_kind = 'capacity'

),

unioned as (

    select * from negotiated_rates
    union all
    select * from commitments

)

select * from unioned
