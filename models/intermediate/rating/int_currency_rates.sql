{{ config(materialized='table') }}

with fx_rates as (

    select * from {{ ref('fx_rates') }}

),

ranges as (

    select
        upper(trim(currency)) as currency,
        usd_per_unit,
        cast(rate_date as timestamp) as valid_from,
        coalesce(
            lead(cast(rate_date as timestamp)) over (
                partition by upper(trim(currency)) order by rate_date
            ),
            {{ last_timestamp() }}
        ) as valid_to
    from fx_rates
    where upper(trim(currency)) <> 'USD'

    union all

    select
        'USD' as currency,
        cast(1 as numeric(18, 9)) as usd_per_unit,
        {{ first_timestamp() }} as valid_from,
        {{ last_timestamp() }} as valid_to

)

select * from ranges
