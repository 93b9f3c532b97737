{% set attributes = {
    'operation': ['gen_ai.operation.name'],
    'openinference_kind': ['openinference.span.kind'],
    'traceloop_kind': ['traceloop.span.kind'],
    'db_system': ['db.system'],
    'db_system_name': ['db.system.name'],
    'db_operation': ['db.operation'],
    'provider': ['gen_ai.provider.name'],
    'system': ['gen_ai.system'],
    'llm_provider': ['llm.provider'],
    'llm_system': ['llm.system'],
    'response_model': ['gen_ai.response.model'],
    'llm_response_model': ['llm.response.model_name'],
    'llm_model': ['llm.model_name'],
    'embedding_model': ['embedding.model_name'],
    'request_model': ['gen_ai.request.model'],
    'llm_request_model': ['llm.request.model_name'],
    'response_id': ['gen_ai.response.id'],
    'input': ['gen_ai.usage.input_tokens'],
    'input_legacy': ['gen_ai.usage.prompt_tokens'],
    'input_openinference': ['llm.token_count.prompt'],
    'input_aggregated': ['gen_ai.aggregated_usage.input_tokens'],
    'output': ['gen_ai.usage.output_tokens'],
    'output_legacy': ['gen_ai.usage.completion_tokens'],
    'output_openinference': ['llm.token_count.completion'],
    'output_aggregated': ['gen_ai.aggregated_usage.output_tokens'],
    'cache_read': ['gen_ai.usage.cache_read.input_tokens'],
    'cache_read_legacy': ['gen_ai.usage.cache_read_input_tokens'],
    'cache_read_details': ['gen_ai.usage.details.cache_read_tokens'],
    'cache_read_openinference': ['llm.token_count.prompt_details.cache_read'],
    'cache_read_aggregated': ['gen_ai.aggregated_usage.cache_read.input_tokens'],
    'cache_write': ['gen_ai.usage.cache_write.input_tokens'],
    'cache_creation': ['gen_ai.usage.cache_creation.input_tokens'],
    'cache_creation_legacy': ['gen_ai.usage.cache_creation_input_tokens'],
    'cache_write_details': ['gen_ai.usage.details.cache_write_tokens'],
    'cache_write_openinference': ['llm.token_count.prompt_details.cache_write'],
    'cache_write_aggregated': ['gen_ai.aggregated_usage.cache_creation.input_tokens'],
    'cache_write_1h': ['anthropic.usage.cache_creation.ephemeral_1h_input_tokens'],
    'reasoning': ['gen_ai.usage.reasoning.output_tokens'],
    'reasoning_legacy': ['gen_ai.usage.reasoning_tokens'],
    'reasoning_details': ['gen_ai.usage.details.reasoning_tokens'],
    'reasoning_openinference': ['llm.token_count.completion_details.reasoning'],
    'tier_openai': ['openai.response.service_tier'],
    'tier_openai_legacy': ['gen_ai.openai.response.service_tier'],
    'tier_anthropic': ['anthropic.response.service_tier'],
    'cost': ['operation.cost'],
    'error_type': ['error.type'],
    'stream': ['gen_ai.request.stream'],
    'is_streaming': ['gen_ai.is_streaming'],
    'finish_reasons': ['gen_ai.response.finish_reasons'],
    'stop_reason': ['anthropic.message.stop_reason'],
    'finish_reason': ['llm.finish_reason'],
    'resend_count': ['http.request.resend_count'],
    'agent_name': ['gen_ai.agent.name'],
    'tool_name': ['gen_ai.tool.name'],
    'conversation_id': ['gen_ai.conversation.id'],
    'session_id': ['session.id'],
    'data_source': ['gen_ai.data_source.id'],
} %}
{% set models = ['response_model', 'request_model'] %}
{% set counts = ['input', 'input_legacy', 'output', 'output_legacy'] %}
{% set output_counts = ['output', 'output_legacy', 'output_openinference', 'output_aggregated'] %}
{% set stream_flags = ['stream', 'is_streaming'] %}
{% set stream_ends = ['finish_reasons', 'stop_reason', 'finish_reason'] %}
{% set resource = {'service_name': ['service.name']} %}
{% for dimension, keys in var('tag_keys').items() %}
{% for key in keys %}
{% set field = 'tag_' ~ dimension ~ '_' ~ loop.index %}
{% do attributes.update({field: [key]}) %}
{% do resource.update({field: [key]}) %}
{% endfor %}
{% endfor %}
{% for tag in var('rule_tags') %}
{% do attributes.update({'rule_tag_' ~ loop.index: [tag]}) %}
{% do resource.update({'rule_tag_' ~ loop.index: [tag]}) %}
{% endfor %}
{% set rule_tags = rule_tag_fields('span_fields', attributes) %}
{% for tag, fields in rule_tag_fields('resource_fields', resource).items() %}
{% do rule_tags[tag].extend(fields) %}
{% endfor %}

with source as (

    select
        *,
        {{ json_fields('attributes', attributes) }} as span_fields,
        {{ json_fields('resource_attributes', resource) }} as resource_fields
    from {{ raw_source('otel', 'spans') }}

),

renamed as (

    select
        ---------- ids
        trace_id,
        span_id,
        nullif(parent_span_id, '') as parent_span_id,
        {{ json_field('span_fields', attributes, 'response_id') }} as response_id,
        coalesce(
            {{ json_field('span_fields', attributes, 'conversation_id') }},
            {{ json_field('span_fields', attributes, 'session_id') }}
        ) as session_id,

        ---------- strings
        span_name,
        scope_name,
        {{ otel_operation(
            json_field('span_fields', attributes, 'operation'),
            json_field('span_fields', attributes, 'openinference_kind'),
            json_field('span_fields', attributes, 'traceloop_kind'),
            'coalesce('
            ~ json_field('span_fields', attributes, 'db_system') ~ ', '
            ~ json_field('span_fields', attributes, 'db_system_name') ~ ')',
            json_field('span_fields', attributes, 'db_operation'),
            '(' ~ coalesce_fields('span_fields', attributes, models) ~ ' is not null and '
            ~ coalesce_fields('span_fields', attributes, counts) ~ ' is not null)'
        ) }} as operation,
        coalesce(
            {{ json_field('span_fields', attributes, 'provider') }},
            {{ json_field('span_fields', attributes, 'system') }},
            {{ json_field('span_fields', attributes, 'llm_provider') }},
            {{ json_field('span_fields', attributes, 'llm_system') }},
            {{ json_field('span_fields', attributes, 'db_system') }},
            {{ json_field('span_fields', attributes, 'db_system_name') }}
        ) as provider_name,
        coalesce(
            {{ json_field('span_fields', attributes, 'response_model') }},
            {{ json_field('span_fields', attributes, 'llm_response_model') }},
            {{ json_field('span_fields', attributes, 'llm_model') }},
            {{ json_field('span_fields', attributes, 'embedding_model') }},
            {{ json_field('span_fields', attributes, 'request_model') }},
            {{ json_field('span_fields', attributes, 'llm_request_model') }}
        ) as model_name,
        coalesce(
            {{ json_field('span_fields', attributes, 'request_model') }},
            {{ json_field('span_fields', attributes, 'llm_request_model') }}
        ) as request_model_name,
        coalesce(
            {{ json_field('span_fields', attributes, 'tier_openai') }},
            {{ json_field('span_fields', attributes, 'tier_openai_legacy') }},
            {{ json_field('span_fields', attributes, 'tier_anthropic') }}
        ) as service_tier_name,
        case when status_code = 2 then 'failure' else 'success' end as status,
        coalesce(
            {{ json_field('span_fields', attributes, 'error_type') }},
            -- A stream that tells neither how it ended nor what it used was left before its end.
            case
                when
                    coalesce(status_code, 0) <> 2
                    and lower({{ coalesce_fields('span_fields', attributes, stream_flags) }})
                    = 'true'
                    and {{ coalesce_fields('span_fields', attributes, stream_ends) }} is null
                    and {{ coalesce_fields('span_fields', attributes, output_counts) }} is null
                    then 'stream_abandoned'
            end
        ) as error_class,
        {{ json_field('span_fields', attributes, 'agent_name') }} as agent_name,
        {{ json_field('span_fields', attributes, 'tool_name') }} as tool_name,
        {{ json_field('resource_fields', resource, 'service_name') }} as service_name,
        {% for dimension, keys in var('tag_keys').items() -%}
        coalesce(
            {% for key in keys -%}
            {%- set field = 'tag_' ~ dimension ~ '_' ~ loop.index -%}
            nullif({{ json_field('span_fields', attributes, field) }}, ''),
            {% endfor -%}
            {% for key in keys -%}
            {%- set field = 'tag_' ~ dimension ~ '_' ~ loop.index -%}
            nullif({{ json_field('resource_fields', resource, field) }}, '')
            {%- if not loop.last %},{% endif %}
            {% endfor -%}
        ) as {{ 'user_id' if dimension == 'user' else dimension ~ '_tag' }},
        {% endfor -%}
        {{ rule_tag_list('null', rule_tags) }} as tag_list,

        ---------- numerics
        {% for name, variants in {
            'input_tokens': ['input', 'input_legacy', 'input_openinference', 'input_aggregated'],
            'output_tokens': output_counts,
            'cache_read_tokens': [
                'cache_read', 'cache_read_legacy', 'cache_read_details', 'cache_read_openinference',
                'cache_read_aggregated'
            ],
            'cache_write_tokens': [
                'cache_write', 'cache_creation', 'cache_creation_legacy', 'cache_write_details',
                'cache_write_openinference', 'cache_write_aggregated'
            ],
            'cache_write_1h_tokens': ['cache_write_1h'],
            'reasoning_tokens': [
                'reasoning', 'reasoning_legacy', 'reasoning_details', 'reasoning_openinference'
            ],
        }.items() %}
        {{ text_to_count(coalesce_fields('span_fields', attributes, variants)) }} as {{ name }},
        {% endfor %}
        {{ text_to_bigint(json_field('span_fields', attributes, 'resend_count')) }}
            as resend_count,
        {{ text_to_money(json_field('span_fields', attributes, 'cost')) }} as reported_cost_usd,
        input_characters,
        output_characters,

        ---------- timestamps
        start_time as started_at,
        end_time as ended_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from source

)

select * from renamed
