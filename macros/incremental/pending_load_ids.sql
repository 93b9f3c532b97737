{% macro pending_load_ids() %}
    {#- The loads that the current incremental model has not seen yet.

        A load is one file, written at once, so a load that has rows in the model is done. Asking
        for literal ids, rather than joining, lets both engines skip old data.

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
    {% set pending = run_query(
        'select load_id from ' ~ loads
        ~ ' where load_id not in (select distinct load_id from ' ~ this ~ ') order by load_id'
    ) %}
    {{ return(pending.columns[0].values() | map('int') | list) }}
{% endmacro %}
