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
        sum(metered_tokens) as tokens,
        sum(metered_requests) as requests,
        sum(metered_list_cost_usd) as list_cost_usd
    from daily_costs
    group by
        provider,
        model_id,
        service_tier,
        {{ month_of('event_date') }}

),

months as (

    select
        usage_month,
        {{ month_of(dbt.dateadd('month', 1, 'usage_month')) }} as next_month
    from monthly_usage
    group by
        usage_month,
        {{ month_of(dbt.dateadd('month', 1, 'usage_month')) }}

),

-- A schedule holds in whole months, as on its last day in the month: steps that change in a month
-- would otherwise hold beside those that replace them.
schedule_months as (

    select
        volume_tiers.schedule_id,
        months.usage_month,
        least(months.next_month, max(volume_tiers.valid_to)) as held_until
    from volume_tiers
    inner join months
        on
            volume_tiers.valid_from < months.next_month
            and volume_tiers.valid_to > months.usage_month
    group by
        volume_tiers.schedule_id,
        months.usage_month,
        months.next_month

),

held_steps as (

    select
        volume_tiers.*,
        schedule_months.usage_month,
        schedule_months.held_until
    from volume_tiers
    inner join schedule_months
        on
            volume_tiers.schedule_id = schedule_months.schedule_id
            and volume_tiers.valid_from < schedule_months.held_until
            and volume_tiers.valid_to >= schedule_months.held_until

),

-- Of the schedules that fit a model, that of the narrowest scope, of two of one scope that which
-- holds longer in the month.
ranked as (

    select
        monthly_usage.*,
        held_steps.schedule_id,
        held_steps.measure,
        row_number() over (
            partition by
                monthly_usage.provider,
                monthly_usage.model_id,
                monthly_usage.service_tier,
                monthly_usage.usage_month
            order by
                case when held_steps.model_id is null then 1 else 0 end asc,
                case when held_steps.service_tier is null then 1 else 0 end asc,
                held_steps.held_until desc,
                held_steps.schedule_id asc
        ) as schedule_rank
    from monthly_usage
    inner join held_steps
        on
            monthly_usage.usage_month = held_steps.usage_month
            and monthly_usage.provider = held_steps.provider
            and monthly_usage.model_id = coalesce(held_steps.model_id, monthly_usage.model_id)
            and monthly_usage.service_tier
            = coalesce(held_steps.service_tier, monthly_usage.service_tier)

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
        held_steps.discount,
        row_number() over (
            partition by
                scoped.provider, scoped.model_id, scoped.service_tier, scoped.usage_month
            order by held_steps.min_quantity desc
        ) as step_rank
    from scoped
    inner join held_steps
        on
            scoped.schedule_id = held_steps.schedule_id
            and scoped.usage_month = held_steps.usage_month
            and scoped.used_quantity >= held_steps.min_quantity

),

discounts as (

    select
        provider,
        model_id,
        service_tier,
        usage_month,
        schedule_id,
        {{ money('used_quantity') }} as used_quantity,
        discount
    from steps
    where step_rank = 1

)

select * from discounts
