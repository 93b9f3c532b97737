{% macro export_sources() -%}
    {#- Sources that are a provider's own export of what it served; precedence 3.

        Returns: their names, a list.
    -#}
    {{ return(['bedrock', 'openai', 'anthropic']) }}
{%- endmacro %}
