{% macro ownership_team(rules, values, teams, event_at) -%}
    {#- The team that the first ownership rule that holds gives; null where none does, or where the rule
        says `unallocated`.

        Arguments:
            rules: what `ownership_rules()` gave.
            values: as for `ownership_condition`.
            teams: as for `ownership_condition`.
            event_at: SQL timestamp expression.
    -#}
    case
        {%- for rule in rules %}
        when
            {{ llm_chargeback.ownership_condition(rule, values, teams, event_at) }}
            then {{ llm_chargeback.ownership_assigned(rule, teams) }}
        {%- endfor %}
        {%- if not rules %}
        when 1 = 0 then null
        {%- endif %}
        else cast(null as {{ dbt.type_string() }})
    end
{%- endmacro %}

{% macro ownership_assigned(rule, teams) -%}
    {#- What a rule assigns, as SQL text: the directory's team, a team of its own, or null. -#}
    {%- if rule.assign_to == 'directory' -%}
        {{ teams.get(llm_chargeback.ownership_method(rule), 'null') }}
    {%- elif rule.assign_to == 'unallocated' -%}
        null
    {%- else -%}
        {{ llm_chargeback.quoted([rule.assign_to]) }}
    {%- endif -%}
{%- endmacro %}
