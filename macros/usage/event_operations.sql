{% macro event_operations() -%}
    {#- Every operation that an event can have.

        Returns: a list of texts.
    -#}
    {{ return([
        'chat', 'embeddings', 'rerank', 'retrieval', 'retrieval_write', 'storage', 'execute_tool',
        'moderation', 'image_generation', 'speech', 'transcription', 'invoke_agent',
        'invoke_workflow',
    ]) }}
{%- endmacro %}
