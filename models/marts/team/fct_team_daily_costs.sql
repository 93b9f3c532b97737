{{ config(materialized='view') }}

{#- What is agreed for a whole period comes on top of what is stored by day: a month's step or
    allowance changes with every day of it. #}

with daily_costs as (

    select * from {{ ref('int_team_daily_costs') }}

),

allowance_shares as (

    select * from {{ ref('int_allowance_shares') }}

),

volume_discounts as (

    select * from {{ ref('int_volume_discounts') }}

),

allowed as (

    select
        daily_costs.*,
        case
            when allowance_shares.free_allowance is null then {{ money('0') }}
            else {{ money('daily_costs.free_allowance_cost_usd * allowance_shares.free_share') }}
        end as allowance_usd,
        volume_discounts.discount
    from daily_costs
    left join allowance_shares
        on
            daily_costs.free_allowance = allowance_shares.free_allowance
            and daily_costs.event_date = allowance_shares.event_date
    left join volume_discounts
        on
            daily_costs.provider = volume_discounts.provider
            and daily_costs.model_id = volume_discounts.model_id
            and daily_costs.service_tier = volume_discounts.service_tier
            and {{ month_of('daily_costs.event_date') }} = volume_discounts.usage_month

),

discounted as (

    select
        *,
        case
            when discount is null then {{ money('0') }}
            else {{ money('(negotiated_cost_usd - allowance_usd) * discount') }}
        end as volume_discount_usd
    from allowed

),

contracted as (

    select
        event_date,
        team_id,
        feature_id,
        project,
        environment,
        purpose,
        provider,
        model_id,
        service_tier,
        action_class,
        attribution_method,
        event_count,
        failed_event_count,
        gateway_cache_hit_count,
        unpriced_event_count,
        estimated_event_count,
        input_tokens,
        cache_read_tokens,
        cache_write_tokens,
        output_tokens,
        unpriced_tokens,
        list_cost_usd,
        {{ money('list_cost_usd - negotiated_cost_usd') }} as negotiated_discount_usd,
        allowance_usd as free_allowance_usd,
        volume_discount_usd,
        {{ money('negotiated_cost_usd - allowance_usd - volume_discount_usd') }}
            as contracted_cost_usd,
        estimated_cost_usd,
        failed_cost_usd,
        avoided_cost_usd,
        reported_cost_usd,
        last_load_id
    from discounted

)

select * from contracted
