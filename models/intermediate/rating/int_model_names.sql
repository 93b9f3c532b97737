{{ config(materialized='table') }}

with price_book as (

    select * from {{ ref('price_book') }}

),

model_aliases as (

    select * from {{ ref('model_aliases') }}
    where match_type = 'exact'

),

names as (

    select
        {{ text_key('model') }} as model_name,
        provider,
        model as model_id,
        1 as preference
    from price_book

    union

    select
        {{ text_key('pattern') }} as model_name,
        provider,
        model as model_id,
        2 as preference
    from model_aliases

),

ranked as (

    select
        *,
        row_number() over (
            partition by provider, model_name
            order by preference, model_id
        ) as preference_rank
    from names

)

select
    provider,
    model_name,
    model_id
from ranked
where preference_rank = 1
