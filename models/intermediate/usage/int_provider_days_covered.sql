{{ config(materialized='table') }}

{#- Days on which a gateway or a trace tells usage of a provider: by default the provider's own
    export is not billed then, so that nothing is billed twice. #}

with recorded as (

    select
        provider,
        event_date
    from {{ ref('int_usage_events_recorded') }}
    where
        source_precedence < 3
        and reject_reason is null

)

select distinct
    provider,
    event_date
from recorded
