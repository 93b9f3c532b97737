{% macro joins_by_hash() -%}
    {#- A pre-hook of a model that joins what it has filtered in ways that the warehouse can't foresee: it
        has to join by hash. Where one row is expected and a hundred thousand come, PostgreSQL would look
        through the other side for each of them. Holds until the model is built; nothing elsewhere.
    -#}
    {{ return(adapter.dispatch('joins_by_hash', 'llm_chargeback')()) }}
{%- endmacro %}

{% macro default__joins_by_hash() -%}
{%- endmacro %}

{% macro postgres__joins_by_hash() -%}
    set local enable_nestloop = off
{%- endmacro %}
