{% macro ownership_rank(rules) -%}
    {#- Which ownership rule gives an event of `owner_candidates` its team, as an integer: the rule's rank,
        999 when none does.

        Arguments:
            rules: what `ownership_rules()` gave.
        Errors: stops when there are more rules than ranks.
    -#}
    {%- if rules | length > 998 -%}
        {%- do exceptions.raise_compiler_error(
            'ownership_rules: ' ~ rules | length ~ ' rules; 998 at most'
        ) -%}
    {%- endif -%}
    {%- set teams = llm_chargeback.ownership_teams() -%}
    {%- set values = llm_chargeback.ownership_values() -%}
    case
        {%- for rule in rules %}
        when
            {{ llm_chargeback.ownership_condition(rule, values, teams, 'event_at') }}
            then {{ rule.rank }}
        {%- endfor %}
        else 999
    end
{%- endmacro %}

{% macro ownership_teams() -%}
    {#- The columns of `owner_candidates` that hold the team the directory gives, by method. -#}
    {{ return({
        'team_tag': 'team_tag_team_id',
        'feature_tag': 'feature_tag_team_id',
        'api_key': 'api_key_team_id',
        'user': 'user_team_id',
        'internal_tooling': 'internal_tooling_team_id',
        'trace_ancestor': 'trace_ancestor_team_id',
        'trace_any': 'trace_any_team_id',
    }) }}
{%- endmacro %}

{% macro ownership_values() -%}
    {#- What ownership rules match on in an event of `owner_candidates`: an event's own feature and user, not
        those it has from its trace. -#}
    {{ return({
        'team_tag': [llm_chargeback.text_key('team_tag') | trim],
        'feature_tag': [
            'case when not is_feature_inherited then '
            ~ llm_chargeback.text_key('feature_tag') | trim ~ ' end'
        ],
        'project_tag': [llm_chargeback.text_key('project_tag') | trim],
        'environment': ['environment'],
        'owner_tag': [llm_chargeback.text_key('owner_tag') | trim],
        'purpose': ['purpose'],
        'eval_scope': ['eval_scope'],
        'api_key': [
            llm_chargeback.text_key('api_key_id') | trim,
            llm_chargeback.text_key('api_key_alias') | trim,
            llm_chargeback.text_key('key_owner_alias') | trim,
        ],
        'user': [
            'case when not is_user_inherited then '
            ~ llm_chargeback.text_key('user_id') | trim ~ ' end'
        ],
        'service': [llm_chargeback.text_key('service_name') | trim],
        'model': ['model_name', 'model_alternative_name'],
        'provider': ['provider_name'],
        'source': ['source_name'],
        'operation': ['operation'],
        'internal_tooling': ['internal_tooling_team_id'],
        'trace_ancestor': ['trace_ancestor_team_id'],
        'trace_any': ['trace_any_team_id'],
        'tag': ['tag_list'],
    }) }}
{%- endmacro %}

{% macro ownership_result(rules) -%}
    {#- The columns that say who owns an event and why, from its `attribution_rank`: `team_id`,
        `attribution_method`, `ownership_rule_id`, and `ownership_trail`, what each rule in order gave
        (one line a rule, empty where it didn't hold).

        Arguments:
            rules: what `ownership_rules()` gave.
    -#}
    {%- set teams = llm_chargeback.ownership_teams() -%}
    {%- set values = llm_chargeback.ownership_values() -%}
    case attribution_rank
            {%- for rule in rules %}
            when {{ rule.rank }} then {{ llm_chargeback.ownership_given(rule, teams) }}
            {%- endfor %}
            else 'unallocated'
        end as team_id,
        case attribution_rank
            {%- for rule in rules %}
            when {{ rule.rank }}
                then '{{ llm_chargeback.ownership_method(rule) if rule.assign_to == 'directory' else 'rule' }}'
            {%- endfor %}
            else 'none'
        end as attribution_method,
        case attribution_rank
            {%- for rule in rules %}
            when {{ rule.rank }} then {{ llm_chargeback.quoted([rule.rule_id]) }}
            {%- endfor %}
            else cast(null as {{ dbt.type_string() }})
        end as ownership_rule_id,
        ''
        {%- for rule in rules %}
        || coalesce(
            case
                when
                    {{ llm_chargeback.ownership_condition(rule, values, teams, 'event_at') }}
                    then {{ llm_chargeback.ownership_given(rule, teams) }}
            end,
            ''
        ) || chr(10)
        {%- endfor %} as ownership_trail,
{%- endmacro %}

{% macro ownership_given(rule, teams) -%}
    {#- What a rule gives an event, `unallocated` included, as SQL text. -#}
    {%- if rule.assign_to == 'directory' -%}
        {{ teams[llm_chargeback.ownership_method(rule)] }}
    {%- else -%}
        {{ llm_chargeback.quoted([rule.assign_to]) }}
    {%- endif -%}
{%- endmacro %}
