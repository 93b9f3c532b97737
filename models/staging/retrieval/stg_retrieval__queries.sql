with source as (

    select * from {{ raw_source('retrieval', 'queries') }}

),

renamed as (

    select
        ---------- ids
        nullif(trim(query_id), '') as query_id,
        nullif(trim(trace_id), '') as trace_id,
        nullif(trim(user_id), '') as user_id,
        nullif(trim(api_key), '') as api_key_id,

        ---------- strings
        {{ text_key('store') }} as store,
        index_name,
        case
            when lower(operation) = 'rerank' then 'rerank'
            when lower(operation) = 'embed' then 'embeddings'
            when lower(operation) in ('upsert', 'delete', 'update') then 'retrieval_write'
            when lower(operation) in ('storage', 'store') then 'storage'
            else 'retrieval'
        end as operation,
        nullif(trim(model), '') as model_name,
        case
            when
                lower(trim(status)) in (
                    'failure', 'failed', 'fail', 'error', 'timeout', 'aborted', 'cancelled',
                    'canceled'
                )
                then 'failure'
            else 'success'
        end as status,
        coalesce(nullif(trim(team), ''), {{ tag_value('tags', 'team') }}) as team_tag,
        coalesce(nullif(trim(feature), ''), {{ tag_value('tags', 'feature') }}) as feature_tag,
        coalesce(nullif(trim(project), ''), {{ tag_value('tags', 'project') }}) as project_tag,
        coalesce(nullif(trim(environment), ''), {{ tag_value('tags', 'environment') }})
            as environment_tag,
        {{ tag_value('tags', 'owner') }} as owner_tag,
        {{ tag_value('tags', 'purpose') }} as purpose_tag,
        {{ tag_value('tags', 'eval_scope') }} as eval_scope_tag,
        {{ tag_value('tags', 'eval_suite') }} as eval_suite_tag,
        {{ tag_value('tags', 'eval_run') }} as eval_run_tag,
        cast(tags as {{ dbt.type_string() }}) as tag_list,

        ---------- numerics
        read_units,
        write_units,
        search_units,
        storage_gb_months,
        result_count,
        egress_bytes,
        embed_tokens,

        ---------- timestamps
        queried_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from source

)

select * from renamed
