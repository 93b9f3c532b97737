{% macro pending_load_ids(
    tables=[
        'litellm_spend_logs', 'otel_spans', 'langfuse_observations', 'langfuse_traces',
        'bedrock_invocations', 'openai_usage', 'anthropic_usage', 'retrieval_queries'
    ],
    columns=['load_id', 'batch_id']
) %}
    {#- The loads that the current incremental model has not seen yet.

        A load is one file, written at once, so a load that has rows in the model is done. Asking
        for literal ids, rather than joining, lets both engines skip old data.

        Arguments:
            tables: raw tables whose loads give rows to the model.
            columns: columns of the model that hold load ids.
        Returns: list of load ids; none when everything has to be read (first build, full refresh,
        unit tests, or a warehouse without the table of loads).
    -#}
    {% if not execute or this is none or not is_incremental() %}
        {{ return(none) }}
    {% endif %}
    {% set loads = source('loads', 'loads') %}
    {% if loads.is_cte or load_relation(loads) is none %}
        {{ return(none) }}
    {% endif %}
    {% set pending -%}
        select load_id
        from {{ loads }}
        where
            (table_name is null or table_name in ({{ llm_chargeback.quoted(tables) }}))
            and (loaded_count is null or loaded_count > 0)
            {%- for column in columns %}
            and load_id not in (
                select distinct {{ column }} from {{ this }} where {{ column }} is not null
            )
            {%- endfor %}
        order by load_id
    {%- endset %}
    {{ return(run_query(pending).columns[0].values() | map('int') | list) }}
{% endmacro %}
