{% macro analyze_table() %}
    {#- Counts the rows of the table that was just built, where the engine does not do so by itself in time:
        a plan that guesses can take minutes. A post-hook; nothing for a view. -#}
    {{ return(adapter.dispatch('analyze_table', 'llm_chargeback')()) }}
{% endmacro %}

{% macro default__analyze_table() %}
    {{ return('') }}
{% endmacro %}

{% macro postgres__analyze_table() %}
    {{ return('' if model.config.materialized == 'view' else 'analyze ' ~ this) }}
{% endmacro %}
