with daily as (

    select
        *,
        case when attribution_method = 'none' then 'unallocated' else 'weak' end
            as attribution_status
    from {{ ref('int_attribution_daily') }}

),

api_key_owners as (

    select * from {{ ref('int_api_key_owners') }}

),

platform_teams as (

    select min(owner) as owner
    from {{ ref('int_teams_unioned') }}
    where is_platform

),

newest as (

    select max(event_date) as event_date from daily

),

totals as (

    select
        attribution_status,
        {{ money('sum(list_cost_usd)') }} as list_cost_usd
    from daily
    group by attribution_status

),

lacking as (

    select
        daily.*,
        {{ dbt.datediff('daily.event_date', 'newest.event_date', 'day') }} as days_ago  -- noqa: LT05
    from daily
    cross join newest
    where daily.attribution_fix <> 'none'

),

grouped as (

    select
        attribution_status,
        team_id,
        attribution_method,
        attribution_fix,
        attribution_fix_value,
        api_key_id,
        cast(sum(event_count) as bigint) as event_count,
        {{ money('sum(list_cost_usd)') }} as list_cost_usd,
        {{ money(
            'sum(case when days_ago < ' ~ var('backlog_trend_days') ~ ' then list_cost_usd else 0 end)'
        ) }} as recent_list_cost_usd,
        {{ money(
            'sum(case when days_ago >= ' ~ var('backlog_trend_days') ~ ' and days_ago < '
            ~ 2 * var('backlog_trend_days') ~ ' then list_cost_usd else 0 end)'
        ) }} as previous_list_cost_usd,
        min(event_date) as first_event_date,
        max(event_date) as last_event_date,
        cast(max(days_ago) + 1 as integer) as age_days
    from lacking
    group by
        attribution_status,
        team_id,
        attribution_method,
        attribution_fix,
        attribution_fix_value,
        api_key_id

),

last_users as (

    select
        team_id,
        attribution_method,
        attribution_fix,
        attribution_fix_value,
        api_key_id,
        last_user_id,
        row_number() over (
            partition by
                team_id, attribution_method, attribution_fix, attribution_fix_value, api_key_id
            order by event_date desc, last_user_id asc
        ) as user_rank
    from lacking
    where last_user_id is not null

),

key_users as (

    select
        api_key_id,
        user_id,
        row_number() over (
            partition by api_key_id
            order by valid_to desc, valid_from desc
        ) as owner_rank
    from api_key_owners
    where user_id is not null

),

described as (

    select
        {{ hash_key([
            'grouped.team_id', 'grouped.attribution_method', 'grouped.attribution_fix',
            'grouped.attribution_fix_value', 'grouped.api_key_id'
        ]) }} as backlog_key,
        grouped.team_id,
        nullif(grouped.api_key_id, 'none') as api_key_id,
        last_users.last_user_id,
        coalesce(key_users.user_id, last_users.last_user_id, platform_teams.owner) as owner_to_ask,
        grouped.attribution_status,
        grouped.attribution_method,
        grouped.attribution_fix,
        grouped.attribution_fix_value,
        case grouped.attribution_fix
            when 'team_tag'
                then
                    'the team tag "' || grouped.attribution_fix_value
                    || '" names no team: add it to team_aliases, or a row to teams'
            when 'feature_tag'
                then
                    'the feature "' || grouped.attribution_fix_value
                    || '" has no owner: add a row to features or feature_aliases'
            when 'api_key'
                then
                    'the key "' || grouped.attribution_fix_value
                    || '" has no owner: add a row to the directory''s api_keys'
            when 'user'
                then
                    'the user "' || grouped.attribution_fix_value
                    || '" is in no team: add a row to the directory''s users'
            when 'service'
                then
                    'the service "' || grouped.attribution_fix_value
                    || '" has no owner: add a rule to ownership_rules'
            else
                'calls from ' || grouped.attribution_fix_value
                || ' say nothing of their owner: have them send a team tag'
        end as advice,
        grouped.event_count,
        grouped.list_cost_usd,
        {{ ratio('grouped.list_cost_usd', 'totals.list_cost_usd') }} as share_of_status,
        grouped.recent_list_cost_usd,
        grouped.previous_list_cost_usd,
        grouped.age_days,
        grouped.first_event_date,
        grouped.last_event_date
    from grouped
    cross join platform_teams
    inner join totals
        on grouped.attribution_status = totals.attribution_status
    left join last_users
        on
            grouped.team_id = last_users.team_id
            and grouped.attribution_method = last_users.attribution_method
            and grouped.attribution_fix = last_users.attribution_fix
            and grouped.attribution_fix_value = last_users.attribution_fix_value
            and grouped.api_key_id = last_users.api_key_id
            and last_users.user_rank = 1
    left join key_users
        on
            grouped.api_key_id = key_users.api_key_id
            and key_users.owner_rank = 1

)

select * from described
