with summed as (

    select * from {{ ref('int_usage_events_summed') }}

),

eval_splits as (

    select * from {{ ref('eval_splits') }}

),

daily as (

    select
        event_date,
        team_id,
        feature_id,
        case
            when {{ text_key('eval_scope') }} in ('baseline', 'domain', 'shared')
                then {{ text_key('eval_scope') }}
            else 'unknown'
        end as scope,
        eval_suite,
        eval_run,
        sum(event_count) as event_count,
        sum(action_count) as action_count,
        sum(input_tokens) as input_tokens,
        sum(output_tokens) as output_tokens,
        sum(list_cost_usd) as list_cost_usd
    from summed
    where action_class = 'eval_run'
    group by
        event_date,
        team_id,
        feature_id,
        case
            when {{ text_key('eval_scope') }} in ('baseline', 'domain', 'shared')
                then {{ text_key('eval_scope') }}
            else 'unknown'
        end,
        eval_suite,
        eval_run

),

-- Of the splits that hold on a day, that of the team goes before that of all teams, then that of
-- the scope.
matched as (

    select
        daily.*,
        eval_splits.team_share,
        row_number() over (
            partition by
                daily.event_date,
                daily.team_id,
                daily.feature_id,
                daily.scope,
                daily.eval_suite,
                daily.eval_run
            order by
                case when eval_splits.team_id is null then 1 else 0 end asc,
                case when eval_splits.scope is null then 1 else 0 end asc,
                eval_splits.valid_from desc,
                eval_splits.team_share asc
        ) as split_rank
    from daily
    left join eval_splits
        on
            coalesce({{ text_key('eval_splits.team_id') }}, daily.team_id) = daily.team_id
            and coalesce({{ text_key('eval_splits.scope') }}, daily.scope) = daily.scope
            and daily.event_date >= coalesce(eval_splits.valid_from, daily.event_date)
            and (eval_splits.valid_to is null or daily.event_date < eval_splits.valid_to)

),

shares as (

    select
        *,
        case
            when scope = 'baseline' then 0
            when scope = 'domain' then 1
            else coalesce(team_share, 0.5)
        end as cost_share
    from matched
    where split_rank = 1

),

divided as (

    select
        *,
        {{ money('list_cost_usd * cast(cost_share as numeric(9, 6))') }} as team_cost_usd
    from shares

),

monthly as (

    select
        {{ month_of('event_date') }} as period,
        team_id,
        feature_id,
        scope as eval_scope,
        eval_suite,
        eval_run,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(action_count) as bigint) as action_count,
        cast(sum(input_tokens) as bigint) as input_tokens,
        cast(sum(output_tokens) as bigint) as output_tokens,
        {{ money('sum(list_cost_usd)') }} as list_cost_usd,
        {{ money('sum(team_cost_usd)') }} as team_cost_usd,
        {{ money('sum(list_cost_usd - team_cost_usd)') }} as platform_cost_usd
    from divided
    group by
        {{ month_of('event_date') }},
        team_id,
        feature_id,
        scope,
        eval_suite,
        eval_run

),

team_totals as (

    select
        {{ month_of('event_date') }} as period,
        team_id,
        sum(list_cost_usd) as team_list_cost_usd
    from summed
    group by
        {{ month_of('event_date') }},
        team_id

),

totals as (

    select
        *,
        sum(team_list_cost_usd) over (partition by period) as total_list_cost_usd
    from team_totals

),

final as (

    select
        monthly.*,
        {{ ratio('monthly.list_cost_usd', 'totals.team_list_cost_usd') }}
            as share_of_team_cost,
        {{ ratio('monthly.list_cost_usd', 'totals.total_list_cost_usd') }}
            as share_of_total_cost
    from monthly
    inner join totals
        on
            monthly.period = totals.period
            and monthly.team_id = totals.team_id

)

select * from final
