{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date',
    pre_hook="{{ delete_gone_dates(ref('int_usage_event_days')) }}",
    on_schema_change='fail',
) }}

{#- The events are named where they are read: a common table expression that is read three times
    would be written down whole. #}

{%- set is_changed =
    'event_date in (' ~ changed_dates(ref('int_usage_event_days')) ~ ')' if is_incremental()
    else '1 = 1' %}
{%- set is_too_high =
    "cause in ('negotiated', 'tier', 'price_difference') and reported_cost_usd > list_cost_usd" %}

-- Traces (where there is none, users) with a cost that is too high, which a running total would be.
with sequences as (

    select distinct sequence_key
    from {{ ref('int_reported_costs_compared') }}
    where
        {{ is_changed }}
        and {{ is_too_high }}
        and sequence_key is not null

),

followed as (

    select
        *,
        lag(reported_cost_usd) over (
            partition by event_date, source_name, sequence_key
            order by event_at, load_id, line_number
        ) as previous_cost_usd
    from {{ ref('int_reported_costs_compared') }}
    where
        {{ is_changed }}
        and reported_cost_usd is not null
        and sequence_key in (select sequences.sequence_key from sequences)

),

too_high as (

    select
        *,
        case
            when
                abs(reported_cost_usd - previous_cost_usd - list_cost_usd) <= 0.000000000001
                or abs(reported_cost_usd - previous_cost_usd - negotiated_cost_usd)
                <= 0.000000000001
                then 1
            else 0
        end as growing,
        -- A call that the source knows no price of: the total stays.
        case when reported_cost_usd = previous_cost_usd then 1 else 0 end as repeated
    from followed
    where
        {{ is_too_high }}
        and previous_cost_usd > 0

),

counted as (

    select
        event_id,
        reported_cost_usd >= previous_cost_usd as is_total,
        sum(growing) over same_sequence as growing_count,
        sum(1 - repeated) over same_sequence as changing_count
    from too_high
    window same_sequence as (partition by event_date, source_name, sequence_key)

),

-- More than half are what was there before and what the event itself costs: these are totals.
running_totals as (

    select event_id
    from counted
    where
        is_total
        and 2 * growing_count > changing_count

),

explained as (

    select
        compared.event_date,
        compared.source_name,
        compared.provider,
        compared.model_id,
        compared.service_tier,
        case
            when running_totals.event_id is not null then 'running_total'
            else compared.cause
        end as cause,
        compared.input_tokens,
        compared.output_tokens,
        coalesce(compared.reported_cost_usd, 0) as reported_cost_usd,
        coalesce(compared.list_cost_usd, 0) as list_cost_usd,
        coalesce(compared.negotiated_cost_usd, 0) as negotiated_cost_usd,
        compared.last_load_id
    from {{ ref('int_reported_costs_compared') }} as compared
    left join running_totals
        on compared.event_id = running_totals.event_id
    where {{ is_changed }}

),

daily as (

    select
        event_date,
        source_name,
        provider,
        model_id,
        service_tier,
        cause,
        count(*) as event_count,
        cast(sum(input_tokens) as bigint) as input_tokens,
        cast(sum(output_tokens) as bigint) as output_tokens,
        {{ money('sum(reported_cost_usd)') }} as reported_cost_usd,
        {{ money('sum(list_cost_usd)') }} as list_cost_usd,
        {{ money('sum(negotiated_cost_usd)') }} as negotiated_cost_usd,
        {{ money('sum(reported_cost_usd - list_cost_usd)') }} as difference_usd,
        max(last_load_id) as last_load_id
    from explained
    group by
        event_date,
        source_name,
        provider,
        model_id,
        service_tier,
        cause

)

select * from daily
