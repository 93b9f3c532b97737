{{ config(materialized='table') }}

with ownership_rules as (

    select * from {{ ref('ownership_rules') }}

),

pivoted as (

    select
        min(case when method = 'team_tag' then priority end) as team_tag_priority,
        min(case when method = 'feature_tag' then priority end) as feature_tag_priority,
        min(case when method = 'api_key' then priority end) as api_key_priority,
        min(case when method = 'user' then priority end) as user_priority,
        min(case when method = 'internal_tooling' then priority end) as internal_tooling_priority,
        min(case when method = 'trace_ancestor' then priority end) as trace_ancestor_priority,
        min(case when method = 'trace_any' then priority end) as trace_any_priority
    from ownership_rules

)

select * from pivoted
