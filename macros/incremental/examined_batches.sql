{% macro examined_batches(load_ids, key, columns, relations) -%}
    {#- Rows that say which loads an incremental model has looked at, where a load may give it none:
        without them such a load would be looked at again by every build.

        Arguments:
            load_ids: what `pending_load_ids()` gave; none means every row.
            key: name of the model's unique key, a `type_uuid`: a hash of the batch, so that a batch
                has one row.
            columns: names of the model's other columns but `batch_id`, the last, and their types.
            relations: relations with `batch_id`, whose batches were looked at when every row was.
        Returns: a select statement.
    -#}
    select
        {{ llm_chargeback.hash_key(["'examined'", 'cast(batch_id as ' ~ dbt.type_string() ~ ')']) }}
            as {{ key }},
        {%- for name, data_type in columns.items() %}
        cast(null as {{ data_type }}) as {{ name }},
        {%- endfor %}
        batch_id
    from (
        {%- if load_ids is none %}
        {%- for relation in relations %}
        select batch_id from {{ relation }}
        {{ 'union' if not loop.last }}
        {%- endfor %}
        {%- else %}
        select cast(null as bigint) as batch_id
        where 1 = 0
        {%- for load_id in load_ids %}
        union all
        select cast({{ load_id }} as bigint) as batch_id
        {%- endfor %}
        {%- endif %}
    ) as batches
    where batch_id is not null
{%- endmacro %}
