{% macro event_key(source_name, source_event_id, response_id) -%}
    {#- The `event_id` of a usage event.

        A provider's response id identifies the event whichever source recorded it, and whichever
        came first; an event without one, or with one too short to be unique, is identified by its
        source and its id there.

        Arguments:
            source_name: SQL text expression.
            source_event_id: SQL text expression, the id in that source.
            response_id: SQL text expression, the provider's response id or null.
    -#}
    case
        when length({{ response_id }}) >= {{ var('min_response_id_length') }}
            then {{ llm_chargeback.hash_key(["'response'", response_id]) }}
        else {{ llm_chargeback.hash_key([source_name, source_event_id]) }}
    end
{%- endmacro %}
