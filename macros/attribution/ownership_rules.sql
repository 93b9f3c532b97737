{% macro ownership_rules() %}
    {#- The ownership rules in the order they are tried, read from `int_ownership_rules` when the model
        that asks is compiled: they become one `case`, so that an event is looked at once.

        A unit test says what it returns (`overrides: macros: ownership_rules`).

        Returns: list of dictionaries with `rule_id`, `rank` (1, 2, ...), `conditions` (list of
            `match_on` and `pattern`, all must hold), `assign_to` (a team, `unallocated` or
            `directory`), `valid_from`, `valid_to` (text; null where open).
    -#}
    {#- So that a `case` has a branch where there are no rules. -#}
    {%- set never = [{
        'rule_id': 'none', 'rank': 998, 'conditions': [{'match_on': 'source', 'pattern': none}],
        'assign_to': 'unallocated', 'valid_from': none, 'valid_to': none,
    }] -%}
    {%- if not execute -%}
        {%- do ref('llm_chargeback', 'int_ownership_rules') -%}
        {{ return(never) }}
    {%- endif -%}
    {%- set relation = load_relation(ref('llm_chargeback', 'int_ownership_rules')) -%}
    {%- if relation is none -%}
        {{ return(never) }}
    {%- endif -%}
    {%- set found = run_query(
        'select rule_id, rule_rank, match_on, pattern, assign_to,'
        ~ ' case when valid_from > ' ~ llm_chargeback.first_timestamp()
        ~ ' then cast(valid_from as ' ~ dbt.type_string() ~ ') end as valid_from,'
        ~ ' case when valid_to < ' ~ llm_chargeback.last_timestamp()
        ~ ' then cast(valid_to as ' ~ dbt.type_string() ~ ') end as valid_to'
        ~ ' from ' ~ relation
        ~ ' order by rule_rank, match_on, pattern'
    ) -%}
    {%- set rules = [] -%}
    {%- for row in found.rows -%}
        {%- if not rules or rules[-1].rank != row[1] | int -%}
            {%- do rules.append({
                'rule_id': row[0],
                'rank': row[1] | int,
                'conditions': [],
                'assign_to': row[4],
                'valid_from': row[5],
                'valid_to': row[6],
            }) -%}
        {%- endif -%}
        {%- do rules[-1].conditions.append({'match_on': row[2], 'pattern': row[3]}) -%}
    {%- endfor -%}
    {{ return(rules or never) }}
{% endmacro %}
