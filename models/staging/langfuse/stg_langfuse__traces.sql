{% set metadata = langfuse_metadata({'service_name': ['resourceAttributes', 'service.name']}) %}

with source as (

    select
        *,
        row_number() over (
            partition by trim(trace_id)
            order by _load_id desc, _line_number desc
        ) as version_rank
    from {{ raw_source('langfuse', 'traces') }}
    where trim(trace_id) <> ''

),

last_versions as (

    select
        *,
        {{ json_fields('metadata', metadata) }} as metadata_fields
    from source
    where version_rank = 1

),

renamed as (

    select
        ---------- ids
        trim(trace_id) as trace_id,
        nullif(trim(session_id), '') as session_id,

        ---------- strings
        nullif(trim(name), '') as trace_name,
        {{ json_field('metadata_fields', metadata, 'service_name') }} as service_name,
        {{ langfuse_tags('metadata_fields', metadata) }}
        cast(tags as {{ dbt.type_string() }}) as tag_list,

        ---------- timestamps
        traced_at,

        ---------- load
        _load_id as load_id
    from last_versions

)

select * from renamed
