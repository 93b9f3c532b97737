{% macro raw_source(source_name, table_name) %}
    {#- The raw table of a source, or an empty relation of the same columns.

        Every source is optional: one that is switched off (`vars: sources`) or whose table does not
        exist counts as empty, so that any subset of sources builds. The columns and types of the
        empty relation come from the source's YAML, which is the raw contract.

        Arguments:
            source_name: the source, for example `litellm`.
            table_name: its table, for example `spend_logs`.
        Returns: something that can stand behind `from`.
    -#}
    {% set relation = source(source_name, table_name) %}
    {% if not execute or relation.is_cte %}
        {{ return(relation) }}
    {% endif %}

    {% set is_present = llm_chargeback.source_is_enabled(source_name) and load_relation(relation) is not none %}
    {% if is_present %}
        {{ return(relation) }}
    {% endif %}

    {% set nodes = graph.sources.values()
        | selectattr('source_name', 'equalto', source_name)
        | selectattr('name', 'equalto', table_name)
        | list %}
    {% set empty %}
        (
            select
                {%- for column in nodes[0].columns.values() %}
                cast(null as {{ llm_chargeback.raw_type(column.data_type) }}) as {{ column.name }}
                {%- if not loop.last %},{% endif %}
                {%- endfor %}
            where 1 = 0
        ) as {{ table_name }}
    {% endset %}
    {{ return(empty | trim) }}
{% endmacro %}
