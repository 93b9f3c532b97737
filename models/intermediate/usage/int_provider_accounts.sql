{{ config(materialized='table') }}

with provider_accounts as (

    select
        {{ text_key('provider') }} || '/' || coalesce({{ text_key('account_id') }}, '')
            as account_key,
        {{ text_key('billed_by') }} as billed_by,
        nullif(trim(team_id), '') as team_id,
        coalesce(cast(valid_from as timestamp), {{ first_timestamp() }}) as valid_from,
        coalesce(cast(valid_to as timestamp), {{ last_timestamp() }}) as valid_to
    from {{ ref('provider_accounts') }}

),

exclusive as (

    {{ exclusive_ranges('provider_accounts', 'account_key', ['billed_by', 'team_id']) }}

)

select * from exclusive
