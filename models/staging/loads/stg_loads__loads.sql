with source as (

    select * from {{ raw_source('loads', 'loads') }}

),

renamed as (

    select
        ---------- ids
        load_id,

        ---------- strings
        source as source_name,
        table_name,
        file_name,
        content_hash,

        ---------- numerics
        byte_count,
        row_count,
        loaded_count,
        rejected_count,

        ---------- timestamps
        loaded_at
    from source

)

select * from renamed
