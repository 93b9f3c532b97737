{#- A rerank row has no units: the smallest bill for a call is one search unit. #}
{%- set search_units -%}
    case
        when operation = 'rerank' and (status = 'success' or spend_usd > 0)
            then coalesce(search_units, 1)
    end
{%- endset %}

with spend_logs as (

    select * from {{ ref('stg_litellm__spend_logs') }}

),

shaped as (

    select
        ---------- ids
        'litellm' as source_name,
        request_id as source_event_id,
        {{ event_key("'litellm'", 'request_id', 'request_id') }} as event_id,
        session_id as trace_id,
        -- The gateway's session is kept once: `int_usage_events_resolved` takes it from there.
        cast(null as {{ dbt.type_string() }}) as session_id,
        api_key_id,
        user_id,
        cast(null as {{ dbt.type_string() }}) as ancestor_team_id,
        cast(null as {{ dbt.type_string() }}) as trace_team_id,

        ---------- strings
        operation,
        provider_name,
        model_name,
        coalesce(model_map_key, model_group) as model_alternative_name,
        cast(null as {{ dbt.type_string() }}) as region_name,
        service_tier_name,
        status,
        error_class,
        api_key_alias,
        cast(null as {{ dbt.type_string() }}) as service_name,
        agent_name,
        tool_name,
        coalesce(litellm_team_alias, litellm_team_id) as key_team_tag,
        team_tag,
        feature_tag,
        project_tag,
        environment_tag,
        owner_tag,
        purpose_tag,
        eval_scope_tag,
        eval_suite_tag,
        eval_run_tag,
        tag_list,
        cast(null as {{ dbt.type_string() }}) as billed_by,

        ---------- numerics
        1 as source_precedence,
        0 as repeat_rank,
        {{ usage_quantities(
            [
                'cache_read_tokens', 'cache_write_tokens', 'cache_write_1h_tokens',
                'reasoning_tokens', 'citation_tokens', 'input_audio_tokens',
                'input_image_tokens', 'input_video_tokens', 'cache_read_audio_tokens',
                'cache_read_image_tokens', 'output_audio_tokens', 'output_image_tokens',
                'output_video_tokens', 'web_searches', 'map_searches', 'output_images',
                'input_images', 'document_pages', 'audio_seconds', 'input_characters',
                'output_characters',
            ],
            {
                'input_tokens': 'prompt_tokens',
                'output_tokens': 'completion_tokens',
                'search_units': search_units,
                'request_count': '1',
            },
        ) }},
        spend_usd as reported_cost_usd,

        ---------- booleans
        -- A failure is billed when the proxy charged it or output came: an aborted stream, a
        -- timeout.
        status = 'success'
        or coalesce(spend_usd, 0) > 0
        or coalesce(completion_tokens, 0) > 0 as is_billed,
        operation = 'rerank' and search_units is null as is_quantity_assumed,
        is_gateway_cache_hit,
        is_retry_attempt or retry_count > 0 as is_retry,
        fallback_count > 0 as is_fallback,
        false as is_agent_step,
        false as is_feature_inherited,
        false as is_user_inherited,
        false as is_withdrawn,

        ---------- timestamps
        started_at as event_at,

        ---------- load
        load_id,
        line_number,
        load_id as batch_id
    from spend_logs

)

select * from shaped
