{% macro source_is_enabled(source_name) %}
    {#- Whether the raw tables of a source are switched on in `vars: sources`.

        Arguments:
            source_name: the source as in `models/staging/<source>`.
        Returns: true or false. A source that the var does not name is on.
    -#}
    {{ return((var('sources', {}) or {}).get(source_name, true) | as_bool) }}
{% endmacro %}
