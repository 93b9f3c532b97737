{% macro inherited_columns() -%}
    {#- The columns that a span or a retrieval without a value of its own takes from its trace.

        Returns: their names, a list.
    -#}
    {{ return([
        'feature_tag',
        'project_tag',
        'environment_tag',
        'owner_tag',
        'purpose_tag',
        'eval_scope_tag',
        'eval_suite_tag',
        'eval_run_tag',
        'user_id',
    ]) }}
{%- endmacro %}
