{% macro langfuse_tags(prepared, metadata) -%}
    {#- The columns of our dimensions in a row of Langfuse's: from its own metadata, the attributes of its
        span and resource, and its tags, in this order; the user first from its column, the
        environment last (`default` is Langfuse's word for none).

        Arguments:
            prepared: the alias given to `json_fields(column, metadata)`.
            metadata: what `langfuse_metadata` gave.
    -#}
    {%- for dimension, keys in var('tag_keys').items() %}
        coalesce(
            {%- if dimension == 'user' %}
            nullif(trim(user_id), ''),
            {%- endif %}
            {%- for place in ['own', 'span', 'resource'] %}
            {%- for _ in keys %}
            {%- set field = place ~ '_' ~ dimension ~ '_' ~ loop.index %}
            nullif(trim({{ llm_chargeback.json_field(prepared, metadata, field) }}), ''),
            {%- endfor %}
            {%- endfor %}
            {{ llm_chargeback.tag_value('tags', dimension) }}
            {%- if dimension == 'environment' %},
            nullif(nullif(trim(environment), ''), 'default')
            {%- endif %}
        ) as {{ 'user_id' if dimension == 'user' else dimension ~ '_tag' }},
    {%- endfor %}
{%- endmacro %}
