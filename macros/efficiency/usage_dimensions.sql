{% macro usage_dimensions() -%}
    {#- What `int_usage_events_summed` tells apart, from the columns of `fct_usage_events`.

        Returns: dictionary of column name -> SQL expression.
    -#}
    {%- set dimensions = {} -%}
    {%- for column in [
        'event_date', 'team_id', 'feature_id', 'provider', 'model_id', 'operation', 'action_class'
    ] -%}
        {%- do dimensions.update({column: column}) -%}
    {%- endfor -%}
    {%- do dimensions.update({
        'waste_kind': llm_chargeback.waste_kind(),
        'error_class': "coalesce(error_class, 'none')",
    }) -%}
    {%- for column in ['eval_scope', 'eval_suite', 'eval_run'] -%}
        {%- do dimensions.update({
            column: "case when action_class = 'eval_run' then coalesce(" ~ column
                ~ ", 'none') else 'none' end"
        }) -%}
    {%- endfor -%}
    {{ return(dimensions) }}
{%- endmacro %}
