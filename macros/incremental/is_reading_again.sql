{% macro is_reading_again(load_ids) %}
    {#- Whether an incremental model reads loads again that it has seen: without the table of loads
        nobody knows which ones are new.

        Arguments:
            load_ids: what `pending_load_ids()` gave.
        Returns: true or false; false on a first build, a full refresh and in unit tests.
    -#}
    {{ return(execute and load_ids is none and this is not none and is_incremental()) }}
{% endmacro %}
