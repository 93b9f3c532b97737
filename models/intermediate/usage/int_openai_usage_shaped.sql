{#- A bucket of time is one event: what it sums up cannot be told apart. #}

{#- What a bucket of some hours keeps, in parts of its month; without an end it is of a day. #}
{%- set month_start = month_of('buckets.started_at') -%}
{%- set bucket_hours = dbt.datediff('buckets.started_at', 'buckets.ended_at', 'hour') -%}
{%- set month_days = dbt.datediff(
    month_start, month_of(dbt.dateadd('month', 1, month_start)), 'day'
) -%}
{%- set storage_gb_months = divide_money(
    'buckets.usage_bytes * cast(0.000000001 as numeric(19, 9))'
    ~ ' * coalesce(cast(' ~ bucket_hours ~ ' as integer), 24)',
    'cast(24 * (' ~ month_days ~ ') as integer)'
) %}

{#- Of one request on the average, for long-context prices. #}
{%- set request_input_tokens -%}
    case
        when buckets.request_count > 0
            then {{ divide_whole('buckets.input_tokens', 'buckets.request_count') }}
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
                    || '|' || coalesce(result_type, '')
                    || '|' || coalesce(openai_project_id, '')
                    || '|' || coalesce(user_id, '')
                    || '|' || coalesce(api_key_id, '')
                    || '|' || coalesce(model_name, '')
                    || '|' || coalesce(service_tier_name, '')
                    || '|' || coalesce(image_size, '')
                    || '|' || coalesce(image_source, '')
        end as bucket_key
    from {{ ref('stg_openai__usage') }}

),

shaped as (

    select
        ---------- ids
        'openai' as source_name,
        buckets.bucket_key as source_event_id,
        {{ event_key("'openai'", 'buckets.bucket_key', 'null') }} as event_id,
        cast(null as {{ dbt.type_string() }}) as trace_id,
        cast(null as {{ dbt.type_string() }}) as session_id,
        buckets.api_key_id,
        buckets.user_id,
        cast(null as {{ dbt.type_string() }}) as ancestor_team_id,
        cast(null as {{ dbt.type_string() }}) as trace_team_id,

        ---------- strings
        buckets.operation,
        'openai' as provider_name,
        case
            when buckets.operation = 'storage' then 'vector-store'
            when buckets.operation = 'execute_tool' then 'code-interpreter'
            else buckets.model_name
        end as model_name,
        cast(null as {{ dbt.type_string() }}) as model_alternative_name,
        cast(null as {{ dbt.type_string() }}) as region_name,
        buckets.service_tier_name,
        'success' as status,
        cast(null as {{ dbt.type_string() }}) as error_class,
        cast(null as {{ dbt.type_string() }}) as api_key_alias,
        cast(null as {{ dbt.type_string() }}) as service_name,
        cast(null as {{ dbt.type_string() }}) as agent_name,
        cast(null as {{ dbt.type_string() }}) as tool_name,
        {{ provider_account('team_id', ['key', 'project', 'provider']) }} as key_team_tag,
        cast(null as {{ dbt.type_string() }}) as team_tag,
        cast(null as {{ dbt.type_string() }}) as feature_tag,
        buckets.openai_project_id as project_tag,
        cast(null as {{ dbt.type_string() }}) as environment_tag,
        cast(null as {{ dbt.type_string() }}) as owner_tag,
        cast(null as {{ dbt.type_string() }}) as purpose_tag,
        cast(null as {{ dbt.type_string() }}) as eval_scope_tag,
        cast(null as {{ dbt.type_string() }}) as eval_suite_tag,
        cast(null as {{ dbt.type_string() }}) as eval_run_tag,
        cast(null as {{ dbt.type_string() }}) as tag_list,
        {{ provider_account('billed_by', ['key', 'project', 'provider'], "'auto'") }}
            as billed_by,

        ---------- numerics
        3 as source_precedence,
        -- A bucket that was told again is as it was told last.
        cast(-buckets.load_id as integer) as repeat_rank,
        {{ usage_quantities(
            [],
            {
                'input_tokens': 'buckets.input_tokens',
                'output_tokens': 'buckets.output_tokens',
                'cache_read_tokens': 'buckets.cache_read_tokens',
                'cache_write_tokens': 'buckets.cache_write_tokens',
                'input_audio_tokens': 'buckets.input_audio_tokens',
                'input_image_tokens': 'buckets.input_image_tokens',
                'cache_read_audio_tokens': 'buckets.cache_read_audio_tokens',
                'cache_read_image_tokens': 'buckets.cache_read_image_tokens',
                'output_audio_tokens': 'buckets.output_audio_tokens',
                'output_image_tokens': 'buckets.output_image_tokens',
                'output_images': 'buckets.output_images',
                'audio_seconds': 'buckets.seconds',
                'read_units': quantity('buckets.session_count'),
                'storage_gb_months': quantity(storage_gb_months),
                'input_characters': 'buckets.characters',
                'request_count': 'buckets.request_count',
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
    {{ provider_account_joins('openai', 'buckets.started_at', {
        'key': 'buckets.api_key_id',
        'project': 'buckets.openai_project_id',
    }) }}

)

select * from shaped
