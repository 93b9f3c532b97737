with accounts as (

    select * from {{ ref('int_provider_accounts') }}

),

invocations as (

    select * from {{ ref('stg_bedrock__invocations') }}

),

owned as (

    select
        invocations.*,
        {{ provider_account('billed_by', ['principal', 'account', 'provider'], "'auto'") }}
            as billed_by,
        {{ provider_account('team_id', ['principal', 'account', 'provider']) }} as account_team_id
    from invocations
    {{ provider_account_joins('bedrock', 'invocations.started_at', {
        'principal': 'invocations.principal_arn',
        'account': 'invocations.aws_account_id',
    }) }}

),

shaped as (

    select
        ---------- ids
        'bedrock' as source_name,
        request_id as source_event_id,
        {{ event_key("'bedrock'", 'request_id', 'coalesce(response_id, request_id)') }} as event_id,
        cast(null as {{ dbt.type_string() }}) as trace_id,
        cast(null as {{ dbt.type_string() }}) as session_id,
        principal_arn as api_key_id,
        user_id,
        cast(null as {{ dbt.type_string() }}) as ancestor_team_id,
        cast(null as {{ dbt.type_string() }}) as trace_team_id,

        ---------- strings
        operation,
        'bedrock' as provider_name,
        model_name,
        model_arn as model_alternative_name,
        region as region_name,
        service_tier_name,
        status,
        error_class,
        cast(null as {{ dbt.type_string() }}) as api_key_alias,
        service_name,
        cast(null as {{ dbt.type_string() }}) as agent_name,
        cast(null as {{ dbt.type_string() }}) as tool_name,
        account_team_id as key_team_tag,
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
        billed_by,

        ---------- numerics
        3 as source_precedence,
        0 as repeat_rank,
        -- The log's input leaves out what the cache served and kept. A rerank costs one search unit
        -- at least; the log has none.
        {{ usage_quantities(
            [
                'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
                'cache_write_1h_tokens', 'input_characters', 'output_characters',
            ],
            {
                'input_tokens': 'uncached_input_tokens + cache_read_tokens + cache_write_tokens',
                'search_units': "case when operation = 'rerank' and status = 'success' then 1 end",
                'request_count': '1',
            },
        ) }},
        {{ money('null') }} as reported_cost_usd,

        ---------- booleans
        status = 'success' or coalesce(output_tokens, 0) > 0 as is_billed,
        operation = 'rerank' as is_quantity_assumed,
        false as is_gateway_cache_hit,
        false as is_retry,
        false as is_fallback,
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
    from owned

)

select * from shaped
