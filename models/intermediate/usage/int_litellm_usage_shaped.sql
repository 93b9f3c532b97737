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
        api_key_id,
        user_id,
        cast(null as {{ dbt.type_string() }}) as ancestor_team_id,
        cast(null as {{ dbt.type_string() }}) as trace_team_id,

        ---------- strings
        operation,
        provider_name,
        model_name,
        coalesce(model_map_key, model_group) as model_alternative_name,
        service_tier_name,
        status,
        error_class,
        api_key_alias,
        cast(null as {{ dbt.type_string() }}) as service_name,
        coalesce(litellm_team_alias, litellm_team_id) as key_team_tag,
        team_tag,
        feature_tag,
        project_tag,
        environment_tag,
        owner_tag,
        purpose_tag,
        eval_scope_tag,
        tag_list,
        cast(null as {{ dbt.type_string() }}) as billed_by,

        ---------- numerics
        1 as source_precedence,
        0 as repeat_rank,
        prompt_tokens as input_tokens,
        completion_tokens as output_tokens,
        cache_read_tokens,
        cache_write_tokens,
        cache_write_1h_tokens,
        reasoning_tokens,
        input_audio_tokens,
        output_audio_tokens,
        output_images,
        -- A rerank row has no units: the smallest bill for a call is one search unit.
        cast(
            case
                when operation = 'rerank' and (status = 'success' or spend_usd > 0)
                    then coalesce(search_units, 1)
            end
            as {{ type_quantity() }}
        ) as search_units,
        cast(null as {{ type_quantity() }}) as read_units,
        cast(null as {{ type_quantity() }}) as write_units,
        cast(null as bigint) as egress_bytes,
        input_characters,
        output_characters,
        spend_usd as reported_cost_usd,
        cast(1 as bigint) as request_count,
        cast(null as bigint) as request_input_tokens,

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
