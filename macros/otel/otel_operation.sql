{% macro otel_operation(operation, openinference_kind, traceloop_kind, db_system, db_operation, has_usage) -%}
    {#- What a span did, in the words of the OpenTelemetry GenAI conventions, over their dialects.

        Arguments:
            operation: `gen_ai.operation.name`.
            openinference_kind: `openinference.span.kind`.
            traceloop_kind: `traceloop.span.kind`, of the steps that an application marks itself.
            db_system: `db.system` or `db.system.name`; vector stores only are asked about.
            db_operation: `db.operation`.
            has_usage: SQL condition, whether the span has a model and a count of tokens. Such a span
                without an operation, or with a word that isn't known, is a chat: what was paid for
                is never left out.
        Returns: SQL text expression; null for a span that is no GenAI operation.
    -#}
    case
        when {{ operation }} in ('chat', 'text_completion', 'generate_content') then 'chat'
        when {{ operation }} in ('embeddings', 'rerank', 'moderation') then {{ operation }}
        when {{ operation }} in ('image_generation', 'speech', 'transcription') then {{ operation }}
        when {{ operation }} in ('retrieval', 'retrieval_write', 'execute_tool') then {{ operation }}
        when {{ operation }} in ('invoke_agent', 'create_agent', 'invoke_workflow') then {{ operation }}
        when upper({{ openinference_kind }}) = 'LLM' then 'chat'
        when upper({{ openinference_kind }}) = 'EMBEDDING' then 'embeddings'
        when upper({{ openinference_kind }}) = 'RERANKER' then 'rerank'
        when upper({{ openinference_kind }}) = 'RETRIEVER' then 'retrieval'
        when upper({{ openinference_kind }}) = 'TOOL' then 'execute_tool'
        when upper({{ openinference_kind }}) = 'AGENT' then 'invoke_agent'
        when lower({{ traceloop_kind }}) = 'workflow' then 'invoke_workflow'
        when lower({{ traceloop_kind }}) = 'agent' then 'invoke_agent'
        when lower({{ traceloop_kind }}) = 'tool' then 'execute_tool'
        {#- Lists of four at most: DuckDB makes a join of a longer one, which it works out even where
            nobody asks for this column. -#}
        {%- for stores in [
            ['chroma', 'pinecone', 'qdrant', 'weaviate'],
            ['milvus', 'pgvector', 'lancedb', 'marqo'],
            ['vespa'],
        ] %}
        when lower({{ db_system }}) in ({{ llm_chargeback.quoted(stores) }})
            then case
                when
                    lower({{ db_operation }}) in ('add', 'upsert', 'insert', 'update')
                    or lower({{ db_operation }}) = 'delete'
                    then 'retrieval_write'
                else 'retrieval'
            end
        {%- endfor %}
        when {{ openinference_kind }} is null and {{ has_usage }} then 'chat'
        else {{ operation }}
    end
{%- endmacro %}
