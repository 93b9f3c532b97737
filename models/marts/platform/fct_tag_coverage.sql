{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date',
    pre_hook="{{ delete_gone_dates(ref('int_usage_event_days')) }}",
    on_schema_change='fail',
) }}

{%- set tags = ['project', 'environment', 'owner', 'team', 'feature'] %}

with events as (

    select * from {{ ref('fct_usage_events') }}
    {% if is_incremental() -%}
    where event_date in ({{ changed_dates(
        ref('int_usage_event_days'),
        "sum(case when tag = 'team' then event_count end)"
    ) }})
    {%- endif %}

),

daily as (

    select
        event_date,
        source_name,
        team_id,
        coalesce(api_key_id, 'none') as api_key_id,
        coalesce(user_id, 'none') as user_id,
        tag_status,
        count(*) as event_count,
        {{ money('sum(coalesce(list_cost_usd, 0))') }} as cost_usd,
        max(last_load_id) as last_load_id
    from events
    group by
        event_date,
        source_name,
        team_id,
        coalesce(api_key_id, 'none'),
        coalesce(user_id, 'none'),
        tag_status

),

tags as (

    {% for tag in tags -%}
    select
        cast('{{ tag }}' as {{ dbt.type_string() }}) as tag,
        {{ loop.index }} as tag_position
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

letters as (

    select
        daily.*,
        tags.tag,
        substring(daily.tag_status from tags.tag_position for 1) as letter
    from daily
    cross join tags

),

coverage as (

    select
        event_date,
        source_name,
        team_id,
        api_key_id,
        user_id,
        tag,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(case when letter = 'M' then event_count else 0 end) as bigint)
            as missing_event_count,
        cast(sum(case when letter = 'I' then event_count else 0 end) as bigint)
            as invalid_event_count,
        {{ money('sum(cost_usd)') }} as cost_usd,
        {{ money("sum(case when letter = 'M' then cost_usd else 0 end)") }} as missing_cost_usd,
        {{ money("sum(case when letter = 'I' then cost_usd else 0 end)") }} as invalid_cost_usd,
        max(last_load_id) as last_load_id
    from letters
    group by
        event_date,
        source_name,
        team_id,
        api_key_id,
        user_id,
        tag

)

select * from coverage
