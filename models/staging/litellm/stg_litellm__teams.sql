{% set metadata = {'owner': ['owner'], 'cost_center': ['cost_center']} %}

with source as (

    select
        *,
        {{ json_fields('metadata', metadata) }} as metadata_fields,
        row_number() over (
            partition by team_id
            order by updated_at desc nulls last, _load_id desc, _line_number desc
        ) as version_rank
    from {{ raw_source('litellm', 'teams') }}

),

renamed as (

    select
        ---------- ids
        team_id as litellm_team_id,

        ---------- strings
        coalesce(nullif(trim(team_alias), ''), team_id) as team_name,
        {{ json_field('metadata_fields', metadata, 'owner') }} as owner,
        {{ json_field('metadata_fields', metadata, 'cost_center') }} as cost_center,

        ---------- timestamps
        created_at
    from source
    where version_rank = 1

)

select * from renamed
