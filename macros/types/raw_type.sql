{% macro raw_type(data_type) %}
    {#- The warehouse's name of a type of the raw contract.

        Arguments:
            data_type: text, bigint, integer, numeric(p,s), timestamp, date, boolean or json.
        Returns: the type as the adapter writes it; `json` is `jsonb` on PostgreSQL.
    -#}
    {{ return(adapter.dispatch('raw_type', 'llm_chargeback')(data_type)) }}
{% endmacro %}

{% macro default__raw_type(data_type) %}
    {{ return(data_type) }}
{% endmacro %}

{% macro postgres__raw_type(data_type) %}
    {{ return('jsonb' if data_type == 'json' else data_type) }}
{% endmacro %}
