{{ config(materialized='table') }}

with models_seen as (

    select * from {{ ref('int_models_seen') }}

),

providers as (

    select * from {{ ref('providers') }}

),

deployments as (

    select * from {{ ref('model_deployments') }}

),

model_aliases as (

    select * from {{ ref('model_aliases') }}

),

-- `provider/deployment`: what stands behind the first slash is a name too, and what stands before it
-- names the provider where the log doesn't.
split_names as (

    select
        provider_name,
        model_name,
        case
            when position('/' in model_name) > 0 then substring(model_name from position('/' in model_name) + 1)
            else model_name
        end as short_name,
        case
            when provider_name <> '' then provider_name
            when position('/' in model_name) > 1 then substring(model_name from 1 for position('/' in model_name) - 1)
            else ''
        end as billing_name
    from models_seen

),

billed_names as (

    select
        split_names.*,
        coalesce(providers.provider, nullif(split_names.billing_name, '')) as provider
    from split_names
    left join providers
        on split_names.billing_name = {{ text_key('providers.provider_alias') }}

),

matches as (

    select
        billed_names.provider_name,
        billed_names.model_name,
        deployments.provider,
        deployments.model as model_id,
        'deployment' as match_type,
        -1 as priority
    from billed_names
    inner join deployments
        on {{ text_key('deployments.deployment') }} in (billed_names.model_name, billed_names.short_name)

    union all

    select
        billed_names.provider_name,
        billed_names.model_name,
        model_aliases.provider,
        model_aliases.model as model_id,
        model_aliases.match_type,
        model_aliases.priority
    from billed_names
    inner join model_aliases
        on
            billed_names.provider = model_aliases.provider
            and (
                {{ name_matches('billed_names.model_name', 'model_aliases') }}
                or {{ name_matches('billed_names.short_name', 'model_aliases') }}
            )

),

best_priorities as (

    select
        provider_name,
        model_name,
        min(priority) as priority
    from matches
    group by
        provider_name,
        model_name

),

-- Two models of the same priority are ambiguous: no price, not a guess.
best_matches as (

    select
        matches.provider_name,
        matches.model_name,
        min(matches.provider) as provider,
        min(matches.model_id) as model_id,
        min(matches.match_type) as match_type,
        count(distinct matches.provider || '/' || matches.model_id) as model_count
    from matches
    inner join best_priorities
        on
            matches.provider_name = best_priorities.provider_name
            and matches.model_name = best_priorities.model_name
            and matches.priority = best_priorities.priority
    group by
        matches.provider_name,
        matches.model_name

),

resolved as (

    select
        billed_names.provider_name,
        billed_names.model_name,
        case
            when best_matches.model_count = 1 then best_matches.provider
            else coalesce(billed_names.provider, 'unknown')
        end as provider,
        case
            when best_matches.model_count = 1 then best_matches.model_id
            else billed_names.short_name
        end as model_id,
        case
            when best_matches.model_count = 1 then best_matches.match_type
            when best_matches.model_count > 1 then 'ambiguous'
            else 'none'
        end as match_type
    from billed_names
    left join best_matches
        on
            billed_names.provider_name = best_matches.provider_name
            and billed_names.model_name = best_matches.model_name

)

select * from resolved
