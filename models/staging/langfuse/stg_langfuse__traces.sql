{% set metadata = langfuse_metadata({'service_name': ['resourceAttributes', 'service.name']}) %}

with source as (

    select
        *,
        {{ json_fields('metadata', metadata) }} as metadata_fields
    from {{ raw_source('langfuse', 'traces') }}

),

renamed as (

    select
        ---------- ids
        nullif(trim(trace_id), '') as trace_id,
        nullif(trim(session_id), '') as session_id,

        ---------- strings
        nullif(trim(name), '') as trace_name,
        {{ json_field('metadata_fields', metadata, 'service_name') }} as service_name,
        {{ langfuse_tags('metadata_fields', metadata) }}
        {{ rule_tag_list('tags', rule_tag_fields(
            'metadata_fields', metadata, ['own_', 'span_', 'resource_']
        )) }} as tag_list,

        ---------- timestamps
        traced_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from source

)

select * from renamed
