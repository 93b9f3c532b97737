{% set metadata = {
    'original_model_group': ['original_model_group'],
    'attempted_retries': ['attempted_retries'],
    'attempted_fallbacks': ['attempted_fallbacks'],
    'error_class': ['error_information', 'error_class'],
    'api_key_alias': ['user_api_key_alias'],
    'team_alias': ['user_api_key_team_alias'],
    'project_alias': ['user_api_key_project_alias'],
    'model_map_key': ['model_map_information', 'model_map_key'],
    'cost_service_tier': ['cost_breakdown', 'service_tier'],
    'usage_service_tier': ['usage_object', 'service_tier'],
    'usage_prompt_tokens': ['usage_object', 'prompt_tokens'],
    'usage_total_tokens': ['usage_object', 'total_tokens'],
    'cache_read': ['usage_object', 'cache_read_input_tokens'],
    'cached': ['usage_object', 'prompt_tokens_details', 'cached_tokens'],
    'cache_creation': ['usage_object', 'cache_creation_input_tokens'],
    'cache_write': ['usage_object', 'prompt_tokens_details', 'cache_write_tokens'],
    'cache_write_1h': [
        'usage_object',
        'prompt_tokens_details',
        'cache_creation_token_details',
        'ephemeral_1h_input_tokens',
    ],
    'input_audio': ['usage_object', 'prompt_tokens_details', 'audio_tokens'],
    'output_audio': ['usage_object', 'completion_tokens_details', 'audio_tokens'],
    'reasoning': ['usage_object', 'completion_tokens_details', 'reasoning_tokens'],
    'output_image_count': ['usage_object', 'output_image_count'],
    'input_image': ['usage_object', 'prompt_tokens_details', 'image_tokens'],
    'input_video': ['usage_object', 'prompt_tokens_details', 'video_tokens'],
    'cached_audio': [
        'usage_object', 'prompt_tokens_details', 'cached_tokens_details', 'audio_tokens'
    ],
    'cached_image': [
        'usage_object', 'prompt_tokens_details', 'cached_tokens_details', 'image_tokens'
    ],
    'output_image': ['usage_object', 'completion_tokens_details', 'image_tokens'],
    'output_video': ['usage_object', 'completion_tokens_details', 'video_tokens'],
    'citation': ['usage_object', 'citation_tokens'],
    'web_search': ['usage_object', 'prompt_tokens_details', 'web_search_requests'],
    'server_web_search': ['usage_object', 'server_tool_use', 'web_search_requests'],
    'map_search': ['usage_object', 'prompt_tokens_details', 'google_maps_grounding_requests'],
    'input_image_count': ['usage_object', 'prompt_tokens_details', 'image_count'],
    'audio_length': ['usage_object', 'prompt_tokens_details', 'audio_length_seconds'],
    'seconds': ['usage_object', 'seconds'],
    'pages': ['usage_object', 'pages_processed'],
    'search_units': ['usage_object', 'search_units'],
} %}
{% set other_parts = ['input_video', 'output_audio', 'output_image', 'output_video', 'citation'] %}
{% set dimensions = [
    'team', 'feature', 'project', 'environment', 'owner', 'purpose', 'eval_scope'
] %}
{#- Looked for only where a call has a purpose: hardly any has. #}
{% set eval_dimensions = ['eval_suite', 'eval_run'] %}
{% for dimension in dimensions %}
{% for key in var('tag_keys')[dimension] %}
{% do metadata.update({
    'client_' ~ dimension ~ '_' ~ loop.index: ['spend_logs_metadata', key],
    'proxy_' ~ dimension ~ '_' ~ loop.index: [key],
}) %}
{% endfor %}
{% endfor %}
{% for dimension in eval_dimensions %}
{% for key in var('tag_keys')[dimension] %}
{% do metadata.update({
    'client_' ~ dimension ~ '_' ~ loop.index: ['spend_logs_metadata', key],
}) %}
{% endfor %}
{% endfor %}
{% for tag in var('rule_tags') %}
{% do metadata.update({
    'client_rule_tag_' ~ loop.index: ['spend_logs_metadata', tag],
    'proxy_rule_tag_' ~ loop.index: [tag],
}) %}
{% endfor %}

with source as (

    select
        *,
        {{ json_fields('metadata', metadata) }} as metadata_fields
    from {{ raw_source('litellm', 'spend_logs') }}

),

purposes as (

    select
        *,
        coalesce(
            {% for _ in var('tag_keys')['purpose'] -%}
            {%- set field = 'client_purpose_' ~ loop.index -%}
            nullif(trim({{ json_field('metadata_fields', metadata, field) }}), ''),
            {% endfor -%}
            {{ tag_value('request_tags', 'purpose') }}
            {%- for _ in var('tag_keys')['purpose'] %},
            {%- set field = 'proxy_purpose_' ~ loop.index %}
            nullif(trim({{ json_field('metadata_fields', metadata, field) }}), '')
            {%- endfor %}
        ) as purpose_tag
    from source

),

renamed as (

    select
        ---------- ids
        request_id,
        nullif(api_key, '') as api_key_id,
        nullif(user_id, '') as user_id,
        nullif(team_id, '') as litellm_team_id,
        nullif(session_id, '') as session_id,

        ---------- strings
        case
            when call_type in ('embedding', 'aembedding') then 'embeddings'
            when call_type in ('rerank', 'arerank') then 'rerank'
            when call_type in ('moderation', 'amoderation') then 'moderation'
            when call_type in ('image_generation', 'aimage_generation', 'image_edit', 'aimage_edit')
                then 'image_generation'
            when call_type in ('transcription', 'atranscription') then 'transcription'
            when call_type in ('speech', 'aspeech') then 'speech'
            when call_type = 'call_mcp_tool' then 'execute_tool'
            else 'chat'
        end as operation,
        nullif(custom_llm_provider, '') as provider_name,
        nullif(model, '') as model_name,
        nullif(model_group, '') as model_group,
        {{ json_field('metadata_fields', metadata, 'model_map_key') }} as model_map_key,
        {{ json_field('metadata_fields', metadata, 'original_model_group') }}
            as original_model_group,
        coalesce(
            {{ json_field('metadata_fields', metadata, 'cost_service_tier') }},
            {{ json_field('metadata_fields', metadata, 'usage_service_tier') }}
        ) as service_tier_name,
        coalesce(nullif(status, ''), 'success') as status,
        {{ json_field('metadata_fields', metadata, 'error_class') }} as error_class,
        {{ json_field('metadata_fields', metadata, 'api_key_alias') }} as api_key_alias,
        {{ json_field('metadata_fields', metadata, 'team_alias') }} as litellm_team_alias,
        {% for dimension in dimensions -%}
        {% if dimension == 'purpose' -%}
        purpose_tag,
        {% else -%}
        coalesce(
            {% for _ in var('tag_keys')[dimension] -%}
            {%- set field = 'client_' ~ dimension ~ '_' ~ loop.index -%}
            nullif(trim({{ json_field('metadata_fields', metadata, field) }}), ''),
            {% endfor -%}
            {{ tag_value('request_tags', dimension) }}
            {%- for _ in var('tag_keys')[dimension] %},
            {%- set field = 'proxy_' ~ dimension ~ '_' ~ loop.index %}
            nullif(trim({{ json_field('metadata_fields', metadata, field) }}), '')
            {%- endfor %}
            {%- if dimension == 'project' %},
            {{ json_field('metadata_fields', metadata, 'project_alias') }}
            {%- endif %}
        ) as {{ dimension }}_tag,
        {% endif -%}
        {% endfor -%}
        {% for dimension in eval_dimensions -%}
        coalesce(
            {% for _ in var('tag_keys')[dimension] -%}
            {%- set field = 'client_' ~ dimension ~ '_' ~ loop.index -%}
            nullif(trim({{ json_field('metadata_fields', metadata, field) }}), ''),
            {% endfor -%}
            case
                when purpose_tag is not null then {{ tag_value('request_tags', dimension) }}
            end
        ) as {{ dimension }}_tag,
        {% endfor -%}
        nullif(trim(agent_id), '') as agent_name,
        nullif(trim(mcp_namespaced_tool_name), '') as tool_name,
        {{ rule_tag_list('request_tags', rule_tag_fields(
            'metadata_fields', metadata, ['client_', 'proxy_']
        )) }} as tag_list,

        ---------- numerics
        -- The proxy writes 0 where it knows nothing, and says so by an empty usage object.
        {%- for tokens in ['prompt_tokens', 'completion_tokens'] %}
        case
            when
                prompt_tokens <> 0
                or completion_tokens <> 0
                or {{ json_field('metadata_fields', metadata, 'usage_prompt_tokens') }} is not null
                or {{ json_field('metadata_fields', metadata, 'usage_total_tokens') }} is not null
                then {{ tokens }}
        end as {{ tokens }},
        {%- endfor %}
        coalesce(
            {{ text_to_bigint(json_field('metadata_fields', metadata, 'cache_read')) }},
            {{ text_to_bigint(json_field('metadata_fields', metadata, 'cached')) }},
            0
        ) as cache_read_tokens,
        coalesce(
            {{ text_to_bigint(json_field('metadata_fields', metadata, 'cache_creation')) }},
            {{ text_to_bigint(json_field('metadata_fields', metadata, 'cache_write')) }},
            0
        ) as cache_write_tokens,
        coalesce({{ text_to_bigint(json_field('metadata_fields', metadata, 'cache_write_1h')) }}, 0)
            as cache_write_1h_tokens,
        coalesce({{ text_to_bigint(json_field('metadata_fields', metadata, 'reasoning')) }}, 0)
            as reasoning_tokens,
        -- What the cache served of it is told beside the whole.
        {% for part in ['audio', 'image'] -%}
        {%- set whole = json_field('metadata_fields', metadata, 'input_' ~ part) %}
        {%- set cached = json_field('metadata_fields', metadata, 'cached_' ~ part) %}
        coalesce({{ text_to_bigint(whole) }} - coalesce({{ text_to_bigint(cached) }}, 0), 0)
            as input_{{ part }}_tokens,
        coalesce({{ text_to_bigint(cached) }}, 0) as cache_read_{{ part }}_tokens,
        {% endfor -%}
        {% for part in other_parts -%}
        {{ text_to_bigint(json_field('metadata_fields', metadata, part)) }}
            as {{ part }}_tokens,
        {% endfor -%}
        coalesce(
            {{ text_to_bigint(json_field('metadata_fields', metadata, 'web_search')) }},
            {{ text_to_bigint(json_field('metadata_fields', metadata, 'server_web_search')) }}
        ) as web_searches,
        {{ text_to_bigint(json_field('metadata_fields', metadata, 'map_search')) }} as map_searches,
        {{ text_to_bigint(json_field('metadata_fields', metadata, 'input_image_count')) }}
            as input_images,
        {{ text_to_bigint(json_field('metadata_fields', metadata, 'pages')) }} as document_pages,
        {{ quantity(text_to_money(
            'coalesce(' ~ json_field('metadata_fields', metadata, 'audio_length') ~ ', '
            ~ json_field('metadata_fields', metadata, 'seconds') ~ ')'
        )) }} as audio_seconds,
        {{ text_to_bigint(json_field('metadata_fields', metadata, 'output_image_count')) }}
            as output_images,
        {{ quantity(text_to_money(json_field('metadata_fields', metadata, 'search_units'))) }}
            as search_units,
        input_characters,
        output_characters,
        {{ money('spend') }} as spend_usd,
        coalesce(
            {{ text_to_bigint(json_field('metadata_fields', metadata, 'attempted_retries')) }},
            0
        ) as retry_count,
        coalesce(
            {{ text_to_bigint(json_field('metadata_fields', metadata, 'attempted_fallbacks')) }},
            0
        ) as fallback_count,

        ---------- booleans
        coalesce(lower(cache_hit), '') = 'true' as is_gateway_cache_hit,
        request_id like '%-attempt-%' as is_retry_attempt,

        ---------- timestamps
        start_time as started_at,
        end_time as ended_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from purposes

)

select * from renamed
