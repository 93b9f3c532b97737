{#- Keys of usage are open and exclude each other; which is which is told by their words. #}
{% set read_words = 'cache_?read|cached|cache_?hit' %}
{% set write_words = 'cache_?creation|cache_?write' %}
{% set input_words = 'input|prompt|cache' %}
{% set output_words = 'output|completion|reasoning|thinking|thought' %}
{% set total = '^total' %}

{% set metadata = langfuse_metadata({
    'response_id': ['attributes', 'gen_ai.response.id'],
    'own_response_id': ['response_id'],
    'provider': ['attributes', 'gen_ai.provider.name'],
    'system': ['attributes', 'gen_ai.system'],
    'llm_provider': ['attributes', 'llm.provider'],
    'langchain_provider': ['ls_provider'],
    'tier_openai': ['attributes', 'openai.response.service_tier'],
    'tier_openai_legacy': ['attributes', 'gen_ai.openai.response.service_tier'],
    'tier_anthropic': ['attributes', 'anthropic.response.service_tier'],
    'error_type': ['attributes', 'error.type'],
    'service_name': ['resourceAttributes', 'service.name'],
}) %}

with source as (

    select
        *,
        upper(trim(type)) as observation_type,
        {{ json_fields('metadata', metadata) }} as metadata_fields,
        {{ json_counts('usage_details') }} as usage_counts
    from {{ raw_source('langfuse', 'observations') }}

),

counted as (

    select
        *,
        {{ json_sum('usage_counts', total) }} as total_units,
        {{ json_sum('usage_counts', '^(input|prompt)(_tokens)?$') }} as plain_input_tokens,
        {{ json_sum('usage_counts', '^(output|completion)(_tokens)?$') }} as plain_output_tokens,
        {{ json_sum('usage_counts', input_words, output_words ~ '|' ~ total) }}
            as summed_input_tokens,
        {{ json_sum('usage_counts', output_words, input_words ~ '|' ~ total) }}
            as summed_output_tokens
    from source

),

totalled as (

    select
        *,
        -- Some integrations tell parts beside a whole that has them: the total gives them away.
        coalesce(
            plain_input_tokens + plain_output_tokens = total_units
            and summed_input_tokens + summed_output_tokens > total_units, false
        ) as has_inclusive_counts
    from counted

),

renamed as (

    select
        ---------- ids
        nullif(trim(observation_id), '') as observation_id,
        nullif(trim(trace_id), '') as trace_id,
        nullif(trim(parent_observation_id), '') as parent_observation_id,
        coalesce(
            {{ json_field('metadata_fields', metadata, 'response_id') }},
            {{ json_field('metadata_fields', metadata, 'own_response_id') }}
        ) as response_id,
        nullif(trim(session_id), '') as session_id,

        ---------- strings
        observation_type,
        name as observation_name,
        case
            when observation_type in ('EMBEDDING', 'RETRIEVER') then 'embeddings'
            when observation_type in ('AGENT', 'CHAIN', 'SPAN', 'EVENT') then 'invoke_agent'
            else 'chat'
        end as operation,
        coalesce(
            {{ json_field('metadata_fields', metadata, 'provider') }},
            {{ json_field('metadata_fields', metadata, 'system') }},
            {{ json_field('metadata_fields', metadata, 'llm_provider') }},
            {{ json_field('metadata_fields', metadata, 'langchain_provider') }}
        ) as provider_name,
        nullif(trim(provided_model_name), '') as model_name,
        coalesce(
            {{ json_field('metadata_fields', metadata, 'tier_openai') }},
            {{ json_field('metadata_fields', metadata, 'tier_openai_legacy') }},
            {{ json_field('metadata_fields', metadata, 'tier_anthropic') }}
        ) as service_tier_name,
        case when upper(trim(level)) = 'ERROR' then 'failure' else 'success' end as status,
        {{ json_field('metadata_fields', metadata, 'error_type') }} as error_class,
        {{ json_field('metadata_fields', metadata, 'service_name') }} as service_name,
        nullif(trim(prompt_name), '') as prompt_name,
        {{ langfuse_tags('metadata_fields', metadata) }}
        {{ rule_tag_list('tags', rule_tag_fields(
            'metadata_fields', metadata, ['own_', 'span_', 'resource_']
        )) }} as tag_list,

        ---------- numerics
        case
            when has_inclusive_counts then plain_input_tokens
            -- A total alone is not lost.
            when summed_input_tokens is null and summed_output_tokens is null then total_units
            else summed_input_tokens
        end as input_tokens,
        case when has_inclusive_counts then plain_output_tokens else summed_output_tokens end
            as output_tokens,
        {{ json_sum('usage_counts', read_words, output_words ~ '|' ~ total) }}
            as cache_read_tokens,
        {{ json_sum('usage_counts', write_words, output_words ~ '|' ~ total) }}
            as cache_write_tokens,
        {{ json_sum('usage_counts', '(' ~ write_words ~ ').*1h', output_words ~ '|' ~ total) }}
            as cache_write_1h_tokens,
        {{ json_sum('usage_counts', 'reasoning|thinking|thought', input_words ~ '|' ~ total) }}
            as reasoning_tokens,
        {% for part in ['audio', 'image'] -%}
        {{ json_sum('usage_counts', part, output_words ~ '|cache|' ~ total) }}
            as input_{{ part }}_tokens,
        {{ json_sum(
            'usage_counts',
            '(' ~ read_words ~ ').*' ~ part ~ '|' ~ part ~ '.*(' ~ read_words ~ ')',
            output_words ~ '|' ~ total
        ) }} as cache_read_{{ part }}_tokens,
        {{ json_sum('usage_counts', '(output|completion).*' ~ part, total) }}
            as output_{{ part }}_tokens,
        {% endfor -%}
        input_characters,
        output_characters,
        {{ money('total_cost') }} as reported_cost_usd,

        ---------- booleans
        coalesce(summed_input_tokens, 0) <> 0
        or coalesce(summed_output_tokens, 0) <> 0
        or coalesce(total_units, 0) <> 0 as has_usage,
        coalesce(observation_type in ('GENERATION', 'EMBEDDING'), false)
        or {{ json_has_count('usage_details') }} as can_be_call,

        ---------- timestamps
        start_time as started_at,
        end_time as ended_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from totalled

)

select * from renamed
