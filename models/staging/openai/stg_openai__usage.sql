with source as (

    select * from {{ raw_source('openai', 'usage') }}

),

renamed as (

    select
        ---------- ids
        nullif(trim(project_id), '') as openai_project_id,
        nullif(trim(user_id), '') as user_id,
        nullif(trim(api_key_id), '') as api_key_id,

        ---------- strings
        object as result_type,
        case
            when object like '%.embeddings.%' then 'embeddings'
            when object like '%.moderations.%' then 'moderation'
            when object like '%.images.%' then 'image_generation'
            when object like '%.audio_speeches.%' then 'speech'
            when object like '%.audio_transcriptions.%' then 'transcription'
            when object like '%.vector_stores.%' then 'storage'
            when object like '%.code_interpreter_sessions.%' then 'execute_tool'
            else 'chat'
        end as operation,
        nullif(trim(model), '') as model_name,
        case
            when lower(trim(batch)) = 'true' then 'batch'
            else nullif(trim(service_tier), '')
        end as service_tier_name,
        size as image_size,
        source as image_source,

        ---------- numerics
        num_model_requests as request_count,
        input_tokens,
        output_tokens,
        coalesce(input_cached_tokens, 0) as cache_read_tokens,
        -- Some buckets tell it only by what is left.
        coalesce(
            input_cache_write_tokens,
            input_tokens - coalesce(input_cached_tokens, 0) - input_uncached_tokens,
            0
        ) as cache_write_tokens,
        coalesce(input_audio_tokens, 0) as input_audio_tokens,
        coalesce(input_image_tokens, 0) as input_image_tokens,
        coalesce(input_cached_audio_tokens, 0) as cache_read_audio_tokens,
        coalesce(input_cached_image_tokens, 0) as cache_read_image_tokens,
        coalesce(output_audio_tokens, 0) as output_audio_tokens,
        coalesce(output_image_tokens, 0) as output_image_tokens,
        images as output_images,
        characters,
        seconds,
        num_sessions as session_count,
        usage_bytes,

        ---------- timestamps
        start_time as started_at,
        end_time as ended_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from source

)

select * from renamed
