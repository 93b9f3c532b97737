{{ config(materialized='table') }}

{%- set methods = [
    'team_tag', 'feature_tag', 'api_key', 'user', 'internal_tooling', 'trace_ancestor', 'trace_any'
] %}

with ownership_rules as (

    select * from {{ ref('ownership_rules') }}

),

pivoted as (

    select
        {%- for method in methods %}
        min(case when method = '{{ method }}' then priority end) as {{ method }}_priority
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from ownership_rules

)

select * from pivoted
