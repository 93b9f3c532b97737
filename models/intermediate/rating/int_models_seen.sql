{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail',
) }}

{#- A row per load, so that the next run knows which loads it need not read again. Names of agents
    and tools are seen here too, for the rules that name some. #}

{%- set load_ids = pending_load_ids(columns=['load_id']) %}

with events as (

    select
        coalesce({{ text_key('provider_name') }}, '') as provider_name,
        {{ text_key('model_name') }} as model_name,
        {{ text_key('agent_name') }} as agent_name,
        {{ text_key('tool_name') }} as tool_name,
        batch_id as load_id
    from {{ ref('int_usage_events_unioned') }}
    where {{ is_pending('batch_id', load_ids) }}

),

models as (

    select
        load_id,
        provider_name,
        model_name,
        agent_name,
        tool_name
    from events
    where model_name is not null
    group by
        load_id,
        provider_name,
        model_name,
        agent_name,
        tool_name

)

select * from models
