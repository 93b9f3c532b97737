{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date',
    pre_hook="{{ delete_gone_dates(ref('int_usage_event_days')) }}",
    on_schema_change='fail',
) }}

with events as (

    select
        event_date,
        team_id,
        attribution_method,
        attribution_fix,
        attribution_fix_value,
        -- Only where it is needed to find who to ask: there are many keys and users.
        case when attribution_fix is not null then coalesce(api_key_id, 'none') else 'none' end
            as api_key_id,
        case when attribution_fix is not null then user_id end as user_id,
        coalesce(list_cost_usd, 0) as list_cost_usd,
        event_at,
        event_id,
        last_load_id
    from {{ ref('fct_usage_events') }}
    {% if is_incremental() -%}
    where event_date in ({{ changed_dates(ref('int_usage_event_days')) }})
    {%- endif %}

),

-- Who used it last, of those who are named.
last_users as (

    select
        event_date,
        team_id,
        attribution_method,
        attribution_fix,
        attribution_fix_value,
        api_key_id,
        user_id,
        row_number() over (
            partition by
                event_date, team_id, attribution_method, attribution_fix, attribution_fix_value,
                api_key_id
            order by event_at desc, event_id asc
        ) as user_rank
    from events
    where user_id is not null

),

daily as (

    select
        event_date,
        team_id,
        attribution_method,
        coalesce(attribution_fix, 'none') as attribution_fix,
        coalesce(attribution_fix_value, 'none') as attribution_fix_value,
        api_key_id,
        count(*) as event_count,
        {{ money('sum(list_cost_usd)') }} as list_cost_usd,
        max(last_load_id) as last_load_id
    from events
    group by
        event_date,
        team_id,
        attribution_method,
        coalesce(attribution_fix, 'none'),
        coalesce(attribution_fix_value, 'none'),
        api_key_id

),

named as (

    select
        daily.event_date,
        daily.team_id,
        daily.attribution_method,
        daily.attribution_fix,
        daily.attribution_fix_value,
        daily.api_key_id,
        daily.event_count,
        daily.list_cost_usd,
        last_users.user_id as last_user_id,
        daily.last_load_id
    from daily
    left join last_users
        on
            daily.event_date = last_users.event_date
            and daily.team_id = last_users.team_id
            and daily.attribution_method = last_users.attribution_method
            and daily.attribution_fix = last_users.attribution_fix
            and daily.attribution_fix_value = last_users.attribution_fix_value
            and daily.api_key_id = last_users.api_key_id
            and last_users.user_rank = 1

)

select * from named
