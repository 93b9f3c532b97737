with providers as (

    select * from {{ ref('providers') }}

),

provider_names as (

    select
        {{ text_key('provider_alias') }} as provider_alias,
        min(provider) as provider
    from providers
    group by {{ text_key('provider_alias') }}

)

select * from provider_names
