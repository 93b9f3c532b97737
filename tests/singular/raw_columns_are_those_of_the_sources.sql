-- Unit tests give raw rows the columns and types that the YAML of their source says.
{% set differences = [] %}
{% for source in graph.sources.values() if source.package_name == 'llm_chargeback' %}
{% set types = {} %}
{% for column in source.columns.values() %}
{% do types.update({column.name: column.data_type}) %}
{% endfor %}
{% if raw_columns(source.source_name, source.name) not in ({}, types) %}
{% do differences.append(source.source_name ~ '.' ~ source.name) %}
{% endif %}
{% endfor %}

select '{{ differences | join(', ') }}' as tables_that_differ
where '{{ differences | join(', ') }}' != ''
