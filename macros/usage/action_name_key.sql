{% macro action_name_key(agent_name, tool_name) -%}
    {#- An agent's and a tool's name in one text, for look-ups; null when there is neither.

        Arguments:
            agent_name, tool_name: SQL text expressions, folded by `text_key`.
    -#}
    case
        when {{ agent_name }} is not null or {{ tool_name }} is not null
            then coalesce({{ agent_name }}, '') || chr(31) || coalesce({{ tool_name }}, '')
    end
{%- endmacro %}
