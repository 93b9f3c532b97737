{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['provider_name', 'model_name'],
    on_schema_change='fail',
) }}

{% set load_ids = pending_load_ids() %}

with events as (

    select
        coalesce({{ text_key('provider_name') }}, '') as provider_name,
        {{ text_key('model_name') }} as model_name,
        load_id
    from {{ ref('int_usage_events_unioned') }}
    where {{ is_pending('load_id', load_ids) }}

),

models as (

    select
        provider_name,
        model_name,
        max(load_id) as load_id
    from events
    where model_name is not null
    group by provider_name, model_name

)

select * from models
