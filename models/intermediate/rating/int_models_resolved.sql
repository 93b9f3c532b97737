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

model_names as (

    select * from {{ ref('int_model_names') }}

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
        1 as match_order,
        0 as pattern_order,
        0 as priority
    from billed_names
    inner join deployments
        on {{ text_key('deployments.deployment') }} in (billed_names.model_name, billed_names.short_name)

    union all

    select
        billed_names.provider_name,
        billed_names.model_name,
        model_names.provider,
        model_names.model_id,
        'exact' as match_type,
        2 as match_order,
        case when model_names.model_name = billed_names.model_name then 0 else 1 end as pattern_order,
        0 as priority
    from billed_names
    inner join model_names
        on
            billed_names.provider = model_names.provider
            and model_names.model_name in (billed_names.model_name, billed_names.short_name)

    union all

    select
        billed_names.provider_name,
        billed_names.model_name,
        model_aliases.provider,
        model_aliases.model as model_id,
        model_aliases.match_type,
        case model_aliases.match_type when 'prefix' then 3 when 'suffix' then 4 else 5 end as match_order,
        -length(model_aliases.pattern) as pattern_order,
        model_aliases.priority
    from billed_names
    inner join model_aliases
        on
            billed_names.provider = model_aliases.provider
            and (
                (
                    model_aliases.match_type = 'prefix'
                    and {{ text_key('model_aliases.pattern') }} in (
                        left(billed_names.model_name, length(trim(model_aliases.pattern))),
                        left(billed_names.short_name, length(trim(model_aliases.pattern)))
                    )
                )
                or (
                    model_aliases.match_type = 'suffix'
                    and right(billed_names.model_name, length(trim(model_aliases.pattern)))
                    = {{ text_key('model_aliases.pattern') }}
                )
                or (
                    model_aliases.match_type = 'contains'
                    and position({{ text_key('model_aliases.pattern') }} in billed_names.model_name) > 0
                )
            )

),

ranked as (

    select
        *,
        row_number() over (
            partition by provider_name, model_name
            order by match_order, pattern_order, priority, model_id
        ) as match_rank
    from matches

),

resolved as (

    select
        billed_names.provider_name,
        billed_names.model_name,
        coalesce(ranked.provider, billed_names.provider, 'unknown') as provider,
        coalesce(ranked.model_id, billed_names.short_name) as model_id,
        coalesce(ranked.match_type, 'none') as match_type
    from billed_names
    left join ranked
        on
            billed_names.provider_name = ranked.provider_name
            and billed_names.model_name = ranked.model_name
            and ranked.match_rank = 1

)

select * from resolved
