{% macro ownership_condition(rule, values, teams, event_at) -%}
    {#- The condition that an ownership rule gives an event its team.

        Arguments:
            rule: one of `ownership_rules()`.
            values: dictionary of what can be matched -> list of SQL text expressions, any of which may
                match; `tag` is the list of tags, searched for `tag:<key>`. What isn't in it never matches.
            teams: dictionary of method -> SQL expression of the team that the directory gives.
            event_at: SQL timestamp expression.
        Errors: stops when a rule matches on something unknown, or `directory` has nothing to look up.
    -#}
    {%- set parts = [] -%}
    {%- if rule.valid_from -%}
        {%- do parts.append(event_at ~ " >= cast('" ~ rule.valid_from ~ "' as timestamp)") -%}
    {%- endif -%}
    {%- if rule.valid_to -%}
        {%- do parts.append(event_at ~ " < cast('" ~ rule.valid_to ~ "' as timestamp)") -%}
    {%- endif -%}
    {%- if rule.assign_to == 'directory' -%}
        {%- set method = llm_chargeback.ownership_method(rule) -%}
        {%- do parts.append(teams[method] ~ ' is not null' if method in teams else '1 = 0') -%}
    {%- endif -%}
    {%- for condition in rule.conditions
        if not (rule.assign_to == 'directory' and condition.pattern == '*'
            and condition.match_on == llm_chargeback.ownership_method(rule)) -%}
        {%- do parts.append(llm_chargeback.ownership_match(rule, condition, values)) -%}
    {%- endfor -%}
    {{ parts | join(' and ') if parts else '1 = 1' }}
{%- endmacro %}

{% macro ownership_method(rule) -%}
    {#- The method by which the directory gives the team of a rule that assigns to `directory`. -#}
    {%- set methods = rule.conditions | map(attribute='match_on')
        | select('in', llm_chargeback.ownership_methods()) | list -%}
    {%- if methods | length != 1 -%}
        {%- do exceptions.raise_compiler_error(
            "ownership_rules: the rule '" ~ rule.rule_id ~ "' assigns to `directory`: it must match on one of "
            ~ llm_chargeback.ownership_methods() | join(', ') ~ ", once"
        ) -%}
    {%- endif -%}
    {{ return(methods[0]) }}
{%- endmacro %}

{% macro ownership_methods() -%}
    {#- What the directory knows the team of; each is a possible `attribution_method`. -#}
    {{ return([
        'team_tag', 'feature_tag', 'api_key', 'user', 'internal_tooling', 'trace_ancestor', 'trace_any'
    ]) }}
{%- endmacro %}

{% macro ownership_match(rule, condition, values) -%}
    {#- One line of a rule: whether the value is like the pattern, both folded. `*` stands for any text.

        Arguments:
            rule: the rule, named in errors.
            condition: `match_on` and `pattern`.
            values: as for `ownership_condition`.
    -#}
    {%- set match_on = condition.match_on or '' -%}
    {%- if match_on.startswith('tag:') -%}
        {%- set key = match_on[4:] | trim -%}
        {%- if key not in var('rule_tags') | map('lower') | list -%}
            {%- do exceptions.raise_compiler_error(
                "ownership_rules: the rule '" ~ rule.rule_id ~ "' matches on the tag '" ~ key
                ~ "', which is not read: add it to vars: llm_chargeback: rule_tags"
            ) -%}
        {%- endif -%}
        {%- set expressions = [] -%}
        {%- for tags in values.get('tag', []) -%}
            {%- do expressions.append(
                llm_chargeback.text_key(llm_chargeback.first_tag(tags, [key])) | trim
            ) -%}
        {%- endfor -%}
    {%- elif match_on in llm_chargeback.ownership_matches() -%}
        {%- set expressions = values.get(match_on, []) -%}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(
            "ownership_rules: the rule '" ~ rule.rule_id ~ "' matches on '" ~ match_on
            ~ "'; possible are " ~ llm_chargeback.ownership_matches() | join(', ') ~ ' and tag:<key>'
        ) -%}
    {%- endif -%}
    {%- set pattern = condition.pattern -%}
    {%- if match_on == 'environment' -%}
        {%- set pattern = var('environment_aliases').get(pattern, pattern) -%}
    {%- endif -%}
    {%- set tests = [] -%}
    {%- for expression in expressions if pattern -%}
        {%- if pattern == '*' -%}
            {%- do tests.append(expression ~ ' is not null') -%}
        {%- elif '*' in pattern -%}
            {%- set like = pattern.replace('!', '!!').replace('%', '!%').replace('_', '!_')
                .replace('*', '%') -%}
            {%- do tests.append(
                'coalesce(' ~ expression ~ ' like ' ~ llm_chargeback.quoted([like])
                ~ " escape '!', false)"
            ) -%}
        {%- else -%}
            {%- do tests.append(
                'coalesce(' ~ expression ~ ' = ' ~ llm_chargeback.quoted([pattern]) ~ ', false)'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return('(' ~ (tests | join(' or ') if tests else '1 = 0') ~ ')') }}
{%- endmacro %}

{% macro ownership_matches() -%}
    {#- What a rule can match on, apart from `tag:<key>`. -#}
    {{ return(llm_chargeback.ownership_methods() + [
        'project_tag', 'environment', 'owner_tag', 'purpose', 'eval_scope', 'service', 'model',
        'provider', 'source', 'operation'
    ]) }}
{%- endmacro %}
