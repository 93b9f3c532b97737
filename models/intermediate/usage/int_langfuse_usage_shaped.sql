{#- An observation that came as a span of OpenTelemetry has its ids, and is the same event there. #}
{% set is_span = "length(trace_id) = 32 and length(observation_id) = 16"
    ~ " and translate(lower(trace_id || observation_id), '0123456789abcdef', '') = ''" %}

with calls as (

    select
        *,
        coalesce(trace_id || '/', '') || observation_id as source_event_id,
        case when {{ is_span }} then 'otel' else 'langfuse' end as id_source_name,
        case
            when {{ is_span }}
                then lower(trace_id || '/' || coalesce(kept_observation_id, observation_id))
            else coalesce(trace_id || '/', '') || coalesce(kept_observation_id, observation_id)
        end as kept_event_id
    from {{ ref('int_langfuse_calls_inherited') }}
    where
        is_call
        -- A total that may have been billed before its calls came.
        or (is_total and has_usage and batch_id > load_id)

),

shaped as (

    select
        ---------- ids
        'langfuse' as source_name,
        source_event_id,
        {{ event_key(
            'id_source_name',
            'kept_event_id',
            'coalesce(call_response_id, kept_response_id)'
        ) }} as event_id,
        trace_id,
        session_id,
        cast(null as {{ dbt.type_string() }}) as api_key_id,
        user_id,
        cast(null as {{ dbt.type_string() }}) as ancestor_team_id,
        cast(null as {{ dbt.type_string() }}) as trace_team_id,

        ---------- strings
        operation,
        provider_name,
        model_name,
        cast(null as {{ dbt.type_string() }}) as model_alternative_name,
        cast(null as {{ dbt.type_string() }}) as region_name,
        service_tier_name,
        status,
        error_class,
        cast(null as {{ dbt.type_string() }}) as api_key_alias,
        service_name,
        cast(null as {{ dbt.type_string() }}) as agent_name,
        cast(null as {{ dbt.type_string() }}) as tool_name,
        cast(null as {{ dbt.type_string() }}) as key_team_tag,
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
        2 as source_precedence,
        -- After the one that is kept of several, after a span of OpenTelemetry (0 for a root),
        -- totals last.
        case when kept_observation_id is not null then 1000 else 0 end
        + case when is_total then 500 else 0 end + 1 as repeat_rank,
        {{ usage_quantities(
            [
                'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
                'cache_write_1h_tokens', 'reasoning_tokens', 'input_audio_tokens',
                'input_image_tokens', 'cache_read_audio_tokens', 'cache_read_image_tokens',
                'output_audio_tokens', 'output_image_tokens', 'input_characters',
                'output_characters',
            ],
            {
                'request_count': '1',
            },
        ) }},
        reported_cost_usd,

        ---------- booleans
        status = 'success' or coalesce(output_tokens, 0) > 0 as is_billed,
        false as is_quantity_assumed,
        false as is_gateway_cache_hit,
        false as is_retry,
        false as is_fallback,
        false as is_agent_step,
        false as is_feature_inherited,
        false as is_user_inherited,
        not is_call as is_withdrawn,

        ---------- timestamps
        started_at as event_at,

        ---------- load
        load_id,
        line_number,
        batch_id
    from calls

)

select * from shaped
