{#- A bucket of time is one event: what it sums up cannot be told apart. #}

{#- The report's input leaves out what the cache served and kept. #}
{%- set input_tokens -%}
    buckets.uncached_input_tokens
    + buckets.cache_read_tokens
    + buckets.cache_write_5m_tokens
    + buckets.cache_write_1h_tokens
{%- endset %}

{#- The window says how long the requests were, for long-context prices. #}
{%- set request_input_tokens -%}
    case buckets.context_window
        when '0-200k' then 0
        when '200k-1M' then 200001
    end
{%- endset %}

with accounts as (

    select * from {{ ref('int_provider_accounts') }}

),

buckets as (

    select
        *,
        case
            when started_at is not null
                then
                    coalesce(cast(started_at as {{ dbt.type_string() }}), '')
                    || '|' || coalesce(cast(ended_at as {{ dbt.type_string() }}), '')
                    || '|' || coalesce(workspace_id, '')
                    || '|' || coalesce(user_id, '')
                    || '|' || coalesce(api_key_id, '')
                    || '|' || coalesce(model_name, '')
                    || '|' || coalesce(service_tier_name, '')
                    || '|' || coalesce(context_window, '')
                    || '|' || coalesce(inference_geo, '')
        end as bucket_key
    from {{ ref('stg_anthropic__usage') }}

),

shaped as (

    select
        ---------- ids
        'anthropic' as source_name,
        buckets.bucket_key as source_event_id,
        {{ event_key("'anthropic'", 'buckets.bucket_key', 'null') }} as event_id,
        cast(null as {{ dbt.type_string() }}) as trace_id,
        cast(null as {{ dbt.type_string() }}) as session_id,
        buckets.api_key_id,
        buckets.user_id,
        cast(null as {{ dbt.type_string() }}) as ancestor_team_id,
        cast(null as {{ dbt.type_string() }}) as trace_team_id,

        ---------- strings
        buckets.operation,
        'anthropic' as provider_name,
        buckets.model_name,
        cast(null as {{ dbt.type_string() }}) as model_alternative_name,
        buckets.inference_geo as region_name,
        buckets.service_tier_name,
        'success' as status,
        cast(null as {{ dbt.type_string() }}) as error_class,
        cast(null as {{ dbt.type_string() }}) as api_key_alias,
        cast(null as {{ dbt.type_string() }}) as service_name,
        cast(null as {{ dbt.type_string() }}) as agent_name,
        cast(null as {{ dbt.type_string() }}) as tool_name,
        {{ provider_account('team_id', ['key', 'workspace', 'provider']) }} as key_team_tag,
        cast(null as {{ dbt.type_string() }}) as team_tag,
        cast(null as {{ dbt.type_string() }}) as feature_tag,
        buckets.workspace_id as project_tag,
        cast(null as {{ dbt.type_string() }}) as environment_tag,
        cast(null as {{ dbt.type_string() }}) as owner_tag,
        cast(null as {{ dbt.type_string() }}) as purpose_tag,
        cast(null as {{ dbt.type_string() }}) as eval_scope_tag,
        cast(null as {{ dbt.type_string() }}) as eval_suite_tag,
        cast(null as {{ dbt.type_string() }}) as eval_run_tag,
        cast(null as {{ dbt.type_string() }}) as tag_list,
        {{ provider_account('billed_by', ['key', 'workspace', 'provider'], "'auto'") }}
            as billed_by,

        ---------- numerics
        3 as source_precedence,
        -- A bucket that was told again is as it was told last.
        cast(-buckets.load_id as integer) as repeat_rank,
        {{ usage_quantities(
            [],
            {
                'input_tokens': input_tokens,
                'output_tokens': 'buckets.output_tokens',
                'cache_read_tokens': 'buckets.cache_read_tokens',
                'cache_write_tokens': 'buckets.cache_write_5m_tokens + buckets.cache_write_1h_tokens',
                'cache_write_1h_tokens': 'buckets.cache_write_1h_tokens',
                'web_searches': 'buckets.web_search_count',
                'request_input_tokens': request_input_tokens,
            },
        ) }},
        {{ money('null') }} as reported_cost_usd,

        ---------- booleans
        true as is_billed,
        false as is_quantity_assumed,
        false as is_gateway_cache_hit,
        false as is_retry,
        false as is_fallback,
        false as is_agent_step,
        false as is_feature_inherited,
        false as is_user_inherited,
        false as is_withdrawn,

        ---------- timestamps
        buckets.started_at as event_at,

        ---------- load
        buckets.load_id,
        buckets.line_number,
        buckets.load_id as batch_id
    from buckets
    {{ provider_account_joins('anthropic', 'buckets.started_at', {
        'key': 'buckets.api_key_id',
        'workspace': 'buckets.workspace_id',
    }) }}

)

select * from shaped
