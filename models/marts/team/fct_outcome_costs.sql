with outcomes as (

    select * from {{ ref('stg_business__outcomes') }}

),

outcome_types as (

    select
        {{ text_key('outcome_type') }} as outcome_type,
        min(value_usd) as value_usd
    from {{ ref('outcome_types') }}
    group by {{ text_key('outcome_type') }}

),

team_lookups as (

    select * from {{ ref('int_team_lookups') }}

),

feature_lookups as (

    select * from {{ ref('int_feature_lookups') }}

),

events as (

    select
        trace_key,
        feature_id,
        event_date,
        list_cost_usd
    from {{ ref('fct_usage_events') }}

),

feature_daily_costs as (

    select * from {{ ref('fct_feature_daily_costs') }}

),

named_outcomes as (

    select
        outcomes.outcome_id,
        outcomes.outcome_date,
        outcomes.outcome_type,
        coalesce(
            team_lookups.team_id,
            case
                when
                    outcomes.occurred_at >= feature_lookups.team_valid_from
                    and outcomes.occurred_at < feature_lookups.team_valid_to
                    then feature_lookups.team_id
            end,
            'unallocated'
        ) as team_id,
        coalesce(
            feature_lookups.feature_id,
            {{ text_key('outcomes.feature_tag') }},
            'unknown'
        ) as feature_id,
        case
            when outcomes.trace_id is not null then {{ hash_key(['outcomes.trace_id']) }}
        end as trace_key,
        outcomes.quantity,
        -- What a share of the cost goes by: never negative, and not so large that it has no share.
        cast(
            case
                when outcomes.quantity < 0 then 0
                when outcomes.quantity > 1000000000 then 1000000000
                else outcomes.quantity
            end
            as {{ type_quantity() }}
        ) as cost_quantity,
        -- A value in another currency is not known in USD; the seed's would be another one.
        case
            when outcomes.outcome_value is null
                then {{ money('outcome_types.value_usd') }} * outcomes.quantity
            when coalesce(outcomes.currency, 'USD') = 'USD' then outcomes.outcome_value
        end as value_usd
    from outcomes
    left join outcome_types
        on outcomes.outcome_type = outcome_types.outcome_type
    left join team_lookups
        on
            {{ text_key('outcomes.team_tag') }} = team_lookups.lookup_key
            and outcomes.occurred_at >= team_lookups.valid_from
            and outcomes.occurred_at < team_lookups.valid_to
    left join feature_lookups
        on
            {{ text_key('outcomes.feature_tag') }} = feature_lookups.lookup_key
            and outcomes.occurred_at >= feature_lookups.valid_from
            and outcomes.occurred_at < feature_lookups.valid_to

),

-- A trace that led to several outcomes is shared by their quantity.
wanted_traces as (

    select
        trace_key,
        sum(cost_quantity) as trace_quantity
    from named_outcomes
    where trace_key is not null
    group by trace_key

),

trace_events as (

    select
        events.trace_key,
        events.feature_id,
        events.event_date,
        {{ money('sum(coalesce(events.list_cost_usd, 0))') }} as cost_usd
    from events
    inner join wanted_traces
        on events.trace_key = wanted_traces.trace_key
    group by
        events.trace_key,
        events.feature_id,
        events.event_date

),

trace_costs as (

    select
        trace_key,
        {{ money('sum(cost_usd)') }} as cost_usd
    from trace_events
    group by trace_key

),

-- What the traces took is not there a second time for outcomes of the same feature and day.
feature_days as (

    select
        feature_daily_costs.event_date,
        feature_daily_costs.feature_id,
        {{ money('sum(feature_daily_costs.list_cost_usd)') }} as cost_usd
    from feature_daily_costs
    group by
        feature_daily_costs.event_date,
        feature_daily_costs.feature_id

),

traced_feature_days as (

    select
        event_date,
        feature_id,
        {{ money('sum(cost_usd)') }} as cost_usd
    from trace_events
    group by
        event_date,
        feature_id

),

matched as (

    select
        named_outcomes.*,
        case
            when trace_costs.trace_key is not null then 'trace'
            else 'feature_day'
        end as match_method
    from named_outcomes
    left join trace_costs
        on named_outcomes.trace_key = trace_costs.trace_key

),

-- Shares are cut from the cost one after the other, so that rounding loses nothing.
ordered as (

    select
        *,
        sum(cost_quantity) over (
            partition by
                match_method,
                case when match_method = 'trace' then trace_key end,
                case when match_method = 'feature_day' then outcome_date end,
                case when match_method = 'feature_day' then feature_id end
            order by outcome_id
            rows between unbounded preceding and current row
        ) as quantity_so_far
    from matched

),

untraced_days as (

    select
        outcome_date,
        feature_id,
        sum(cost_quantity) as day_quantity
    from matched
    where match_method = 'feature_day'
    group by
        outcome_date,
        feature_id

),

pooled as (

    select
        ordered.*,
        case
            when ordered.match_method = 'trace' then wanted_traces.trace_quantity
            else untraced_days.day_quantity
        end as pool_quantity,
        case
            when ordered.match_method = 'trace' then trace_costs.cost_usd
            when ordered.feature_id = 'unknown' then 0
            else
                coalesce(feature_days.cost_usd, 0) - coalesce(traced_feature_days.cost_usd, 0)
        end as pool_cost_usd
    from ordered
    left join wanted_traces
        on ordered.trace_key = wanted_traces.trace_key
    left join trace_costs
        on ordered.trace_key = trace_costs.trace_key
    left join untraced_days
        on
            ordered.match_method = 'feature_day'
            and ordered.outcome_date = untraced_days.outcome_date
            and ordered.feature_id = untraced_days.feature_id
    left join feature_days
        on
            ordered.outcome_date = feature_days.event_date
            and ordered.feature_id = feature_days.feature_id
    left join traced_feature_days
        on
            ordered.outcome_date = traced_feature_days.event_date
            and ordered.feature_id = traced_feature_days.feature_id

),

costed as (

    select
        *,
        case
            when cost_quantity > 0 then
                case
                    when quantity_so_far >= pool_quantity then pool_cost_usd
                    else {{ divide_money('pool_cost_usd * quantity_so_far', 'pool_quantity') }}
                end
                - {{ divide_money(
                    'pool_cost_usd * (quantity_so_far - cost_quantity)',
                    'pool_quantity'
                ) }}
        end as cost_usd
    from pooled

),

summed as (

    select
        outcome_date,
        outcome_type,
        team_id,
        feature_id,
        match_method,
        count(*) as outcome_count,
        cast(sum(quantity) as numeric(38, 9)) as outcome_quantity,
        {{ money('sum(value_usd)') }} as outcome_value_usd,
        {{ money('sum(coalesce(cost_usd, 0))') }} as cost_usd
    from costed
    group by
        outcome_date,
        outcome_type,
        team_id,
        feature_id,
        match_method

),

final as (

    select
        *,
        {{ divide_money('cost_usd', 'outcome_quantity') }} as cost_per_outcome_usd
    from summed

)

select * from final
