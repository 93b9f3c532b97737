{% set metadata = {} %}
{% for dimension, keys in var('tag_keys').items() %}
{% for key in keys %}
{% do metadata.update({dimension ~ '_' ~ loop.index: [key]}) %}
{% endfor %}
{% endfor %}
{% for tag in var('rule_tags') %}
{% do metadata.update({'rule_tag_' ~ loop.index: [tag]}) %}
{% endfor %}

with source as (

    select
        *,
        -- An ARN ends in the id.
        regexp_replace(trim(model_id), '^.*/', '') as model_name,
        {{ json_fields('request_metadata', metadata) }} as metadata_fields
    from {{ raw_source('bedrock', 'invocations') }}

),

renamed as (

    select
        ---------- ids
        nullif(trim(request_id), '') as request_id,
        nullif(trim(response_id), '') as response_id,
        nullif(trim(account_id), '') as aws_account_id,
        -- The role that was assumed, or the user, as IAM writes it.
        case
            when identity_arn like '%:assumed-role/%'
                then
                    replace(split_part(identity_arn, ':assumed-role/', 1), ':sts:', ':iam:')
                    || ':role/' || split_part(split_part(identity_arn, ':assumed-role/', 2), '/', 1)
            else nullif(trim(identity_arn), '')
        end as principal_arn,

        ---------- strings
        case
            when lower(model_name) like '%embed%' then 'embeddings'
            when lower(model_name) like '%rerank%' then 'rerank'
            when
                lower(model_name) like '%titan-image%'
                or lower(model_name) like '%nova-canvas%'
                or lower(model_name) like '%stability.%'
                then 'image_generation'
            else 'chat'
        end as operation,
        nullif(model_name, '') as model_name,
        nullif(trim(model_id), '') as model_arn,
        nullif(trim(service_tier), '') as service_tier_name,
        case when nullif(trim(error_code), '') is null then 'success' else 'failure' end as status,
        nullif(trim(error_code), '') as error_class,
        region,
        inference_region,
        case
            when identity_arn like '%:assumed-role/%'
                then split_part(split_part(identity_arn, ':assumed-role/', 2), '/', 1)
        end as service_name,
        {% for dimension, keys in var('tag_keys').items() -%}
        coalesce(
            {%- for _ in keys %}
            {%- set field = dimension ~ '_' ~ loop.index %}
            nullif(trim({{ json_field('metadata_fields', metadata, field) }}), ''),
            {%- endfor %}
            {% if dimension == 'user' -%}
            -- Who assumed the role, or the user of IAM.
            nullif(regexp_replace(identity_arn, '^.*/', ''), '')
            {%- else -%}
            null
            {%- endif %}
        ) as {{ 'user_id' if dimension == 'user' else dimension ~ '_tag' }},
        {% endfor -%}
        {{ rule_tag_list('null', rule_tag_fields('metadata_fields', metadata)) }} as tag_list,

        ---------- numerics
        input_token_count as uncached_input_tokens,
        output_token_count as output_tokens,
        coalesce(cache_read_input_token_count, 0) as cache_read_tokens,
        coalesce(cache_write_input_token_count, 0) as cache_write_tokens,
        coalesce(cache_write_1h_input_token_count, 0) as cache_write_1h_tokens,
        input_characters,
        output_characters,

        ---------- timestamps
        logged_at as started_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from source

)

select * from renamed
