{{ config(materialized='table') }}

with models_seen as (

    select distinct
        provider_name,
        model_name
    from {{ ref('int_models_seen') }}

),

provider_names as (

    select * from {{ ref('int_provider_names') }}

),

deployments as (

    select * from {{ ref('model_deployments') }}

),

model_aliases as (

    select * from {{ ref('model_aliases') }}

),

regions as (

    select distinct
        provider,
        region
    from {{ ref('int_prices_unioned') }}
    where region <> ''

),

split_names as (

    select
        provider_name,
        model_name,
        case
            when position('/' in model_name) > 1
                then left(model_name, position('/' in model_name) - 1)
        end as first_segment,
        substring(model_name from position('/' in model_name) + 1) as later_segments
    from models_seen

),

-- `provider/model`: the first segment names the provider where the log doesn't, and is no part of
-- the model's name where it names the same provider.
billed_names as (

    select
        split_names.provider_name,
        split_names.model_name,
        coalesce(
            logged_providers.provider,
            nullif(split_names.provider_name, ''),
            named_providers.provider
        ) as provider,
        case
            when
                named_providers.provider
                = coalesce(logged_providers.provider, named_providers.provider)
                then split_names.later_segments
            else split_names.model_name
        end as short_name
    from split_names
    left join provider_names as logged_providers
        on split_names.provider_name = logged_providers.provider_alias
    left join provider_names as named_providers
        on split_names.first_segment = named_providers.provider_alias

),

-- `region/model`, `geography.model` and an ARN: the name says where the call ran.
located_names as (

    select
        billed_names.*,
        case
            when billed_names.model_name like '%arn:aws%:bedrock:%'
                then split_part(
                    substring(
                        billed_names.model_name
                        from position('arn:aws' in billed_names.model_name)
                    ),
                    ':', 4
                )
            else regions.region
        end as region,
        substring(billed_names.short_name from length(regions.region) + 2) as plain_name
    from billed_names
    left join regions
        on
            billed_names.provider = regions.provider
            and left(billed_names.short_name, length(regions.region) + 1)
            in (regions.region || '/', regions.region || '.')

),

-- What the whole name means goes before what it means without the region.
matches as (

    select
        billed_names.provider_name,
        billed_names.model_name,
        {{ text_key('deployments.provider') }} as provider,
        {{ text_key('deployments.model') }} as model_id,
        'deployment' as match_type,
        case when billed_names.provider = {{ text_key('deployments.provider') }} then -2 else -1 end
            as priority
    from billed_names
    inner join deployments
        on
            {{ text_key('deployments.deployment') }}
            in (billed_names.model_name, billed_names.short_name)

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

    union all

    select
        located_names.provider_name,
        located_names.model_name,
        model_aliases.provider,
        model_aliases.model as model_id,
        model_aliases.match_type,
        1000000 + model_aliases.priority as priority
    from located_names
    inner join model_aliases
        on
            located_names.provider = model_aliases.provider
            and {{ name_matches('located_names.plain_name', 'model_aliases') }}

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
        min(matches.provider || '/' || matches.model_id) as first_model,
        max(matches.provider || '/' || matches.model_id) as last_model,
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
        located_names.provider_name,
        located_names.model_name,
        case
            when best_matches.model_count = 1 then best_matches.provider
            else coalesce(located_names.provider, 'unknown')
        end as provider,
        case
            when best_matches.model_count = 1 then best_matches.model_id
            else located_names.short_name
        end as model_id,
        located_names.region,
        case
            when best_matches.model_count = 1 then best_matches.match_type
            when best_matches.model_count > 1 then 'ambiguous'
            else 'none'
        end as match_type,
        case when best_matches.model_count > 1 then best_matches.first_model end
            as candidate_model,
        case when best_matches.model_count > 1 then best_matches.last_model end
            as other_candidate_model
    from located_names
    left join best_matches
        on
            located_names.provider_name = best_matches.provider_name
            and located_names.model_name = best_matches.model_name

)

select * from resolved
