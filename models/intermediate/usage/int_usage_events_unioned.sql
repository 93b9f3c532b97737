with litellm as (

    select * from {{ ref('int_litellm_usage_shaped') }}

),

otel as (

    select * from {{ ref('int_otel_usage_shaped') }}

),

retrieval as (

    select * from {{ ref('int_retrieval_usage_shaped') }}

),

unioned as (

    select * from litellm
    union all
    select * from otel
    union all
    select * from retrieval

)

select * from unioned
