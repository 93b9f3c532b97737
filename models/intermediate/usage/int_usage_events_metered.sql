{%- set token_counts = ['total_input_tokens', 'total_output_tokens'] %}
{%- set unit_counts = [] %}
{%- for column in usage_quantity_columns() %}
{%- if column.can_be_missing and column.name.endswith(('_units', '_bytes', '_count')) %}
{%- do unit_counts.append('coalesce(' ~ column.name ~ ', 0)') %}
{%- elif not column.can_be_missing %}
{%- do (token_counts if column.name.endswith('_tokens') else unit_counts).append(column.name) %}
{%- endif %}
{%- endfor %}

with unioned as (

    select
        *,
        operation in ('chat', 'embeddings', 'moderation') and status = 'success' as is_counted_call
    from {{ ref('int_usage_events_unioned') }}

),

counted as (

    select
        *,
        case
            when is_counted_call and input_tokens is null
                then {{ estimated_tokens('input_characters') }}
            else coalesce(input_tokens, 0)
        end as total_input_tokens,
        case
            when is_counted_call and output_tokens is null
                then {{ estimated_tokens('output_characters') }}
            else coalesce(output_tokens, 0)
        end as total_output_tokens,
        -- Some emitters tell the one-hour part only.
        case
            when cache_write_tokens = 0 then cache_write_1h_tokens
            else cache_write_tokens
        end as all_cache_write_tokens,
        case
            when is_quantity_assumed and search_units > 0 then 'estimated'
            -- A span of a query never has units: those are in the store's own log.
            when
                source_name = 'retrieval'
                and operation in ('retrieval', 'retrieval_write', 'storage')
                and status = 'success'
                and read_units is null
                and write_units is null
                and search_units is null
                and egress_bytes is null
                and storage_gb_months = 0
                and input_tokens is null
                then 'missing'
            when not is_counted_call then 'reported'
            when input_tokens is null and input_characters is not null then 'estimated'
            when output_tokens is null and output_characters is not null then 'estimated'
            when input_tokens is null and output_tokens is null then 'missing'
            else 'reported'
        end as usage_source
    from unioned

),

exclusive as (

    select
        *,
        -- Emitters differ in whether the total includes what the cache served: a total smaller than
        -- its parts can't, so the parts come on top. The same holds for output and reasoning.
        case
            when total_input_tokens >= cache_read_tokens + all_cache_write_tokens
                then total_input_tokens - cache_read_tokens - all_cache_write_tokens
            else total_input_tokens
        end as uncached_input_tokens,
        all_cache_write_tokens
        - least(cache_write_1h_tokens, all_cache_write_tokens) as cache_write_5m_tokens,
        case
            when total_output_tokens >= reasoning_tokens then total_output_tokens
            else total_output_tokens + reasoning_tokens
        end as all_output_tokens,
        case
            when is_withdrawn then 'told by other spans'
            when event_at is null then 'no time'
            when {{ text_key('model_name') }} is null then 'no model'
            when
                {{ unreadable_count() }} in (
                    {{ token_counts | join(',\n                    ') }}
                )
                then 'unreadable tokens'
            when
                least(
                    {{ token_counts | join(',\n                    ') }}
                ) < 0
                then 'negative tokens'
            when
                least(
                    {{ unit_counts | join(',\n                    ') }}
                ) < 0
                then 'negative units'
            when
                greatest(
                    {{ token_counts | join(',\n                    ') }}
                ) >= {{ max_quantity() }}
                or greatest(
                    {{ unit_counts | join(',\n                    ') }}
                ) >= {{ max_quantity() }}
                then 'implausible quantity'
            when source_event_id is null then 'no id'
        end as reject_reason
    from counted

),

metered as (

    select
        ---------- ids
        source_name,
        source_event_id,
        event_id,
        case when trace_id is not null then {{ hash_key(['trace_id']) }} end as trace_key,
        case when session_id is not null then {{ hash_key(['session_id']) }} end as session_key,
        api_key_id,
        user_id,
        ancestor_team_id,
        trace_team_id,

        ---------- strings
        operation,
        {{ text_key('provider_name') }} as provider_name,
        {{ text_key('model_name') }} as model_name,
        {{ text_key('model_alternative_name') }} as model_alternative_name,
        {{ text_key('region_name') }} as region_name,
        case
            when lower(service_tier_name) in ('batch', 'flex', 'priority', 'fast')
                then lower(service_tier_name)
            else 'standard'
        end as service_tier,
        case when status = 'failure' then 'failure' else 'success' end as status,
        error_class,
        api_key_alias,
        service_name,
        {{ text_key('agent_name') }} as agent_name,
        {{ text_key('tool_name') }} as tool_name,
        key_team_tag,
        team_tag,
        feature_tag,
        project_tag,
        environment_tag,
        owner_tag,
        tag_list,
        billed_by,
        -- Who names a suite or a run does not always say that it is an eval.
        coalesce(
            {{ text_key('purpose_tag') }},
            case when coalesce(eval_suite_tag, eval_run_tag) is not null then 'eval' end
        ) as purpose,
        {{ text_key('eval_scope_tag') }} as eval_scope,
        nullif(trim(eval_suite_tag), '') as eval_suite,
        nullif(trim(eval_run_tag), '') as eval_run,
        usage_source,
        reject_reason,

        ---------- numerics
        source_precedence,
        repeat_rank,
        uncached_input_tokens,
        cache_read_tokens,
        cache_write_5m_tokens,
        all_cache_write_tokens - cache_write_5m_tokens as cache_write_1h_tokens,
        all_output_tokens as output_tokens,
        reasoning_tokens,
        citation_tokens,
        -- A part is never more than what is left of its total.
        {%- for total, parts in {
            'uncached_input_tokens': [
                'input_audio_tokens', 'input_image_tokens', 'input_video_tokens'
            ],
            'cache_read_tokens': ['cache_read_audio_tokens', 'cache_read_image_tokens'],
            'all_output_tokens - reasoning_tokens': [
                'output_audio_tokens', 'output_image_tokens', 'output_video_tokens'
            ],
        }.items() %}
        {%- for part in parts %}
        {%- set before = parts[:loop.index0] %}
        {% if before -%}
        least(
            {{ part }}, greatest({{ total }} - {{ before | join(' - ') }}, 0)
        ) as {{ part }},
        {%- else -%}
        least({{ part }}, {{ total }}) as {{ part }},
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
        web_searches,
        file_searches,
        map_searches,
        output_images,
        input_images,
        text_messages,
        document_pages,
        annotated_pages,
        audio_seconds,
        -- Speech is sold by the character of what is said.
        case when operation = 'speech' then coalesce(input_characters, 0) else 0 end
            as speech_characters,
        coalesce(search_units, 0) as search_units,
        coalesce(read_units, 0) as read_units,
        coalesce(write_units, 0) as write_units,
        storage_gb_months,
        coalesce(egress_bytes, 0) as egress_bytes,
        reported_cost_usd,
        request_count,
        request_input_tokens,

        ---------- booleans
        is_billed,
        is_gateway_cache_hit,
        is_retry,
        is_fallback,
        is_agent_step,
        is_feature_inherited,
        is_user_inherited,

        ---------- dates
        cast(event_at as date) as event_date,

        ---------- timestamps
        event_at,

        ---------- load
        load_id,
        line_number,
        batch_id
    from exclusive

)

select * from metered
