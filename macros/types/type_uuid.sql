{% macro type_uuid() %}
    {#- The narrowest type for a 128-bit key; text where the warehouse has no UUID. -#}
    {{ return(adapter.dispatch('type_uuid', 'llm_chargeback')()) }}
{% endmacro %}

{% macro default__type_uuid() %}uuid{% endmacro %}

{% macro spark__type_uuid() %}string{% endmacro %}
