{% macro waste_kind() -%}
    {#- Which kind of waste an event is, `none` for most: the first that fits, so that nothing is counted
        twice. In a query with the columns of `fct_usage_events`.
    -#}
    case
            when lower(error_class) in ({{ llm_chargeback.quoted(var('abandoned_error_classes')) }})
                then 'abandoned_stream'
            when status = 'failure' and is_retry then 'failed_retry'
            when status = 'failure' then 'failed_call'
            when is_fallback then 'fallback'
            when is_retry then 'retry'
            else 'none'
        end
{%- endmacro %}

{% macro is_wasted() -%}
    {#- Whether an event's money is wasted: nobody got an answer for it. In a query with the columns of
        `fct_usage_events`.
    -#}
    {{ llm_chargeback.waste_kind() }} in ('abandoned_stream', 'failed_retry', 'failed_call')
{%- endmacro %}
