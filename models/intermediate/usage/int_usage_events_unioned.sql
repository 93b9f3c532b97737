with litellm as (

    select * from {{ ref('int_litellm_usage_shaped') }}

),

otel as (

    select * from {{ ref('int_otel_usage_shaped') }}

),

langfuse as (

    select * from {{ ref('int_langfuse_usage_shaped') }}

),

bedrock as (

    select * from {{ ref('int_bedrock_usage_shaped') }}

),

openai as (

    select * from {{ ref('int_openai_usage_shaped') }}

),

anthropic as (

    select * from {{ ref('int_anthropic_usage_shaped') }}

),

retrieval as (

    select * from {{ ref('int_retrieval_usage_shaped') }}

),

-- Every shape lists the same columns in the same order.
unioned as (

    select * from litellm
    union all
    select * from otel
    union all
    select * from langfuse
    union all
    select * from bedrock
    union all
    select * from openai
    union all
    select * from anthropic
    union all
    select * from retrieval

)

select * from unioned  -- noqa: AM04
