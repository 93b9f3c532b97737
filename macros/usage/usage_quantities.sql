{% macro usage_quantities(told, computed={}) -%}
    {#- The quantities of a source's rows, in the order and of the types that every shape has.

        What a source doesn't tell is zero; null where that says something else than nothing used
        (`can_be_missing` of `usage_quantity_columns`).

        Arguments:
            told: quantities that are columns of the query.
            computed: mapping of other quantities to their SQL.
        Raises: compiler error for a name that is no quantity.
    -#}
    {%- set columns = llm_chargeback.usage_quantity_columns() -%}
    {%- set names = columns | map(attribute='name') | list -%}
    {%- for name in told + (computed | list) if name not in names -%}
        {{ exceptions.raise_compiler_error(
            name ~ ' is no quantity of an event; those are: ' ~ (names | join(', '))
        ) }}
    {%- endfor -%}
    {%- for column in columns -%}
        {%- set is_told = column.name in told or column.name in computed -%}
        {%- set value = computed.get(column.name, column.name) if is_told else 'null' -%}
        {%- if not column.can_be_missing -%}
            {%- set value = 'coalesce(' ~ value ~ ', 0)' if is_told else '0' -%}
        {%- endif -%}
        cast({{ value }} as {{ column.data_type }}) as {{ column.name }}
        {%- if not loop.last %},
        {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro usage_quantity_columns() -%}
    {#- Every quantity a source can tell.

        Totals include their parts: input what the cache served and kept and what is no text, cache
        reads what is no text, output reasoning and what is no text. Citations are in no total.

        Returns: a list of mappings with name, data_type and can_be_missing.
    -#}
    {%- set can_be_missing = [
        'input_tokens', 'output_tokens', 'search_units', 'read_units', 'write_units',
        'egress_bytes', 'input_characters', 'output_characters', 'request_count',
        'request_input_tokens',
    ] -%}
    {%- set fractional = [
        'audio_seconds', 'search_units', 'read_units', 'write_units', 'storage_gb_months',
    ] -%}
    {%- set columns = [] -%}
    {%- for name in [
        'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
        'cache_write_1h_tokens', 'reasoning_tokens', 'citation_tokens', 'input_audio_tokens',
        'input_image_tokens', 'input_video_tokens', 'cache_read_audio_tokens',
        'cache_read_image_tokens', 'output_audio_tokens', 'output_image_tokens',
        'output_video_tokens', 'web_searches', 'file_searches', 'map_searches', 'output_images',
        'input_images', 'text_messages', 'document_pages', 'annotated_pages', 'audio_seconds',
        'search_units', 'read_units', 'write_units', 'storage_gb_months', 'egress_bytes',
        'input_characters', 'output_characters', 'request_count', 'request_input_tokens',
    ] -%}
        {%- do columns.append({
            'name': name,
            'data_type': llm_chargeback.type_quantity() if name in fractional else 'bigint',
            'can_be_missing': name in can_be_missing,
        }) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
