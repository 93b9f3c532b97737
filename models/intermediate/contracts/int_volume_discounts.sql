{#- The organisation's use in a month picks the step of a schedule; its discount holds for every
    unit in the schedule's scope, also for those before the step was reached. #}

with daily_costs as (

    select * from {{ ref('int_team_daily_costs') }}

),

volume_tiers as (

    select
        schedule_id,
        {{ text_key('provider') }} as provider,
        {{ text_key('model') }} as model_id,
        {{ text_key('service_tier') }} as service_tier,
        measure,
        min_quantity,
        discount,
        coalesce(cast(valid_from as date), cast({{ first_timestamp() }} as date)) as valid_from,
        coalesce(cast(valid_to as date), cast({{ last_timestamp() }} as date)) as valid_to
    from {{ ref('volume_tiers') }}

),

monthly_usage as (

    select
        provider,
        model_id,
        service_tier,
        {{ month_of('event_date') }} as usage_month,
        sum(provider_tokens) as tokens,
        sum(provider_requests) as requests,
        sum(list_cost_usd) as list_cost_usd
    from daily_costs
    group by
        provider,
        model_id,
        service_tier,
        {{ month_of('event_date') }}

),

-- Of the schedules that fit a model, that of the narrowest scope; it is one at a time.
ranked as (

    select
        monthly_usage.*,
        volume_tiers.schedule_id,
        volume_tiers.measure,
        row_number() over (
            partition by
                monthly_usage.provider,
                monthly_usage.model_id,
                monthly_usage.service_tier,
                monthly_usage.usage_month
            order by
                case when volume_tiers.model_id is null then 1 else 0 end,
                case when volume_tiers.service_tier is null then 1 else 0 end,
                volume_tiers.schedule_id
        ) as schedule_rank
    from monthly_usage
    inner join volume_tiers
        on
            monthly_usage.provider = volume_tiers.provider
            and monthly_usage.model_id = coalesce(volume_tiers.model_id, monthly_usage.model_id)
            and monthly_usage.service_tier
            = coalesce(volume_tiers.service_tier, monthly_usage.service_tier)
            and monthly_usage.usage_month >= {{ month_of('volume_tiers.valid_from') }}
            and monthly_usage.usage_month < volume_tiers.valid_to

),

scoped as (

    select
        provider,
        model_id,
        service_tier,
        usage_month,
        schedule_id,
        sum(
            case measure
                when 'tokens' then tokens
                when 'requests' then requests
                else list_cost_usd
            end
        ) over (partition by schedule_id, usage_month) as used_quantity
    from ranked
    where schedule_rank = 1

),

steps as (

    select
        scoped.*,
        volume_tiers.discount,
        row_number() over (
            partition by
                scoped.provider, scoped.model_id, scoped.service_tier, scoped.usage_month
            order by volume_tiers.min_quantity desc, volume_tiers.discount desc
        ) as step_rank
    from scoped
    inner join volume_tiers
        on
            scoped.schedule_id = volume_tiers.schedule_id
            and scoped.used_quantity >= volume_tiers.min_quantity
            and scoped.usage_month >= {{ month_of('volume_tiers.valid_from') }}
            and scoped.usage_month < volume_tiers.valid_to

),

discounts as (

    select
        provider,
        model_id,
        service_tier,
        usage_month,
        schedule_id,
        used_quantity,
        discount
    from steps
    where step_rank = 1

)

select * from discounts
