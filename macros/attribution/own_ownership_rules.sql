{% macro own_ownership_rules(rules) -%}
    {#- The rules by which a span has an owner of its own, for those below it: all that are tried before the
        first one that looks at the trace.

        Arguments:
            rules: what `ownership_rules()` gave.
    -#}
    {%- set own = [] -%}
    {%- set trace = namespace(is_met=false) -%}
    {%- for rule in rules -%}
        {%- for condition in rule.conditions if condition.match_on in ('trace_ancestor', 'trace_any') -%}
            {%- set trace.is_met = true -%}
        {%- endfor -%}
        {%- if not trace.is_met -%}
            {%- do own.append(rule) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(own) }}
{%- endmacro %}
