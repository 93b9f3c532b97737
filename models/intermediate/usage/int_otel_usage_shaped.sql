with spans as (

    select * from {{ ref('int_otel_spans_inherited') }}

),

shaped as (

    select
        ---------- ids
        'otel' as source_name,
        trace_id || '/' || span_id as source_event_id,
        {{ event_key(
            "'otel'",
            "trace_id || '/' || coalesce(kept_span_id, span_id)",
            'case when not ' ~ is_tool_operation('operation')
            ~ ' then coalesce(response_id, kept_response_id) end'
        ) }} as event_id,
        trace_id,
        coalesce(session_id, inherited_session_id) as session_id,
        cast(null as {{ dbt.type_string() }}) as api_key_id,
        coalesce(user_id, inherited_user_id) as user_id,
        ancestor_team_id,
        trace_team_id,

        ---------- strings
        operation,
        provider_name,
        case
            when operation = 'execute_tool' then coalesce(tool_name, 'tool')
            when operation in ('retrieval', 'retrieval_write')
                then coalesce(provider_name, model_name, 'store')
            else model_name
        end as model_name,
        request_model_name as model_alternative_name,
        cast(null as {{ dbt.type_string() }}) as region_name,
        service_tier_name,
        status,
        error_class,
        cast(null as {{ dbt.type_string() }}) as api_key_alias,
        service_name,
        coalesce(agent_name, inherited_agent_name) as agent_name,
        case when operation = 'execute_tool' then tool_name end as tool_name,
        cast(null as {{ dbt.type_string() }}) as key_team_tag,
        team_tag,
        coalesce(feature_tag, inherited_feature_tag) as feature_tag,
        coalesce(project_tag, inherited_project_tag) as project_tag,
        coalesce(environment_tag, inherited_environment_tag) as environment_tag,
        coalesce(owner_tag, inherited_owner_tag) as owner_tag,
        coalesce(purpose_tag, inherited_purpose_tag) as purpose_tag,
        coalesce(eval_scope_tag, inherited_eval_scope_tag) as eval_scope_tag,
        coalesce(eval_suite_tag, inherited_eval_suite_tag) as eval_suite_tag,
        coalesce(eval_run_tag, inherited_eval_run_tag) as eval_run_tag,
        tag_list,
        cast(null as {{ dbt.type_string() }}) as billed_by,

        ---------- numerics
        2 as source_precedence,
        -- Of one call told by several spans, the one nearest to the provider is kept.
        case when kept_span_id is not null then 1000 else 0 end
        + case when operation in ('invoke_agent', 'invoke_workflow') then 500 else 0 end
        - depth as repeat_rank,
        {{ usage_quantities(
            [
                'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
                'cache_write_1h_tokens', 'reasoning_tokens', 'input_characters',
                'output_characters',
            ],
            {
                'search_units': "case when operation = 'rerank' and status = 'success' then 1 end",
                'request_count': '1',
            },
        ) }},
        reported_cost_usd,

        ---------- booleans
        status = 'success' or coalesce(output_tokens, 0) > 0 as is_billed,
        operation = 'rerank' as is_quantity_assumed,
        false as is_gateway_cache_hit,
        coalesce(resend_count, 0) > 0 as is_retry,
        false as is_fallback,
        is_agent_step,
        feature_tag is null and inherited_feature_tag is not null as is_feature_inherited,
        user_id is null and inherited_user_id is not null as is_user_inherited,
        not is_call as is_withdrawn,

        ---------- timestamps
        started_at as event_at,

        ---------- load
        load_id,
        line_number,
        batch_id
    from spans
    where
        is_call
        -- An agent that may have been billed by its totals before its calls came.
        or (
            batch_id > load_id
            and has_usage
            and operation in ('invoke_agent', 'invoke_workflow')
        )

)

select * from shaped
