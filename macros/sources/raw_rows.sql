{% macro raw_rows(source_name, table_name, given) %}
    {#- Rows of a raw table, for the input of a unit test (`format: sql`); called as a block.

        Rows written as dictionaries take their columns from the table, so they would need the table
        to be there; these work in an empty warehouse. Columns that are not given are null.

        Arguments:
            source_name: the source, for example `litellm`.
            table_name: its table, for example `spend_logs`.
            given: names of the columns of the rows, separated by commas.
        Block: the rows as SQL, `('r1', 'True'), ('r2', null)`.
        In YAML the block stands between `raw` and `endraw`, because it is for the moment the test
        runs, not for the reading of the YAML.
        Returns: a select statement with every column of the raw contract.
    -#}
    {%- set types = llm_chargeback.raw_columns(source_name, table_name) -%}
    {%- set columns = given.replace(' ', '').split(',') -%}
    {%- for column in columns if column not in types -%}
        {{ exceptions.raise_compiler_error(
            "raw_rows: source('" ~ source_name ~ "', '" ~ table_name ~ "') has no column '" ~ column ~ "'"
        ) }}
    {%- endfor -%}
    select
        {%- for column, type in types.items() %}
        cast({{ column if column in columns else 'null' }} as {{ llm_chargeback.raw_type(type) }}) as {{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from (
        values
        {{ caller() }}
    ) as given_rows ({{ given }})
{%- endmacro %}
