{% macro is_pending(column, load_ids) -%}
    {#- The condition that a row came with one of some loads.

        Arguments:
            column: the column of load ids.
            load_ids: what `pending_load_ids()` gave; none means every row.
    -#}
    {%- if load_ids is none -%}
        1 = 1
    {%- elif load_ids | length == 0 -%}
        1 = 0
    {%- else -%}
        {{ column }} in ({{ load_ids | join(', ') }})
    {%- endif -%}
{%- endmacro %}
