{#- How much of what an allowance may cover is free, in each of its periods: all of it up to the
    quantity, beyond it the quantity's part of the use. Every unit has the same part. #}

with daily_costs as (

    select * from {{ ref('int_team_daily_costs') }}
    where free_allowance is not null

),

allowances as (

    select
        allowance as free_allowance,
        min(period) as period,
        min(quantity) as free_quantity
    from {{ ref('free_allowances') }}
    group by allowance

),

used as (

    select
        allowances.free_allowance,
        allowances.free_quantity,
        daily_costs.event_date,
        sum(daily_costs.free_allowance_quantity) over (
            partition by
                allowances.free_allowance,
                case
                    when allowances.period = 'day' then daily_costs.event_date
                    else {{ month_of('daily_costs.event_date') }}
                end
        ) as used_quantity
    from daily_costs
    inner join allowances
        on daily_costs.free_allowance = allowances.free_allowance

),

shares as (

    select distinct
        free_allowance,
        event_date,
        free_quantity,
        {{ money('used_quantity') }} as used_quantity,
        case
            when used_quantity <= free_quantity then cast(1 as numeric(38, 12))
            else {{ divide_money('free_quantity', 'used_quantity') }}
        end as free_share
    from used

)

select * from shares
