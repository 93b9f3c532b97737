{% macro is_looping_run(runs) -%}
    {#- The condition that an agent run went round in circles: the same tool too often, one after the
        other or in all, or a prompt of the same shape too often (`vars: max_same_...`).

        Arguments:
            runs: alias of `int_agent_runs_measured` in the query.
    -#}
    (
            {{ runs }}.same_tool_in_a_row_count > {{ var('max_same_tool_in_a_row') }}
            or {{ runs }}.same_tool_count > {{ var('max_same_tool_calls') }}
            or {{ runs }}.same_prompt_count > {{ var('max_same_prompts') }}
        )
{%- endmacro %}
