with source as (

    select * from {{ raw_source('anthropic', 'usage') }}

),

renamed as (

    select
        ---------- ids
        nullif(trim(workspace_id), '') as workspace_id,
        coalesce(nullif(trim(account_id), ''), nullif(trim(service_account_id), '')) as user_id,
        nullif(trim(api_key_id), '') as api_key_id,

        ---------- strings
        'chat' as operation,
        nullif(trim(model), '') as model_name,
        case
            when lower(trim(speed)) = 'fast' then 'fast'
            when lower(trim(service_tier)) = 'priority_on_demand' then 'priority'
            when lower(trim(service_tier)) = 'flex_discount' then 'flex'
            else nullif(trim(service_tier), '')
        end as service_tier_name,
        nullif(trim(context_window), '') as context_window,
        nullif(trim(inference_geo), '') as inference_geo,

        ---------- numerics
        uncached_input_tokens,
        coalesce(cache_read_input_tokens, 0) as cache_read_tokens,
        coalesce(cache_creation_5m_input_tokens, 0) as cache_write_5m_tokens,
        coalesce(cache_creation_1h_input_tokens, 0) as cache_write_1h_tokens,
        output_tokens,
        coalesce(web_search_requests, 0) as web_search_count,

        ---------- timestamps
        starting_at as started_at,
        ending_at as ended_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from source

)

select * from renamed
