{% macro is_tool_operation(operation) -%}
    {#- The condition that an operation calls no model: a tool or a vector store.

        Arguments:
            operation: SQL text expression, a normalised operation.
    -#}
    {{ operation }} in ('execute_tool', 'retrieval', 'retrieval_write', 'storage')
{%- endmacro %}
