{% macro langfuse_metadata(fields) %}
    {#- The fields of Langfuse's metadata, for `json_fields`: those given, and the keys of each dimension
        (`vars: tag_keys`) in it and in the span's and the resource's attributes that it holds.

        Arguments:
            fields: dictionary of field name -> list of keys that lead to it.
        Returns: the dictionary with a field per dimension, place and key.
    -#}
    {% set metadata = dict(fields) %}
    {% for dimension, keys in var('tag_keys').items() %}
        {% for key in keys %}
            {% do metadata.update({
                'own_' ~ dimension ~ '_' ~ loop.index: [key],
                'span_' ~ dimension ~ '_' ~ loop.index: ['attributes', key],
                'resource_' ~ dimension ~ '_' ~ loop.index: ['resourceAttributes', key],
            }) %}
        {% endfor %}
    {% endfor %}
    {% for tag in var('rule_tags') %}
        {% do metadata.update({
            'own_rule_tag_' ~ loop.index: [tag],
            'span_rule_tag_' ~ loop.index: ['attributes', tag],
            'resource_rule_tag_' ~ loop.index: ['resourceAttributes', tag],
        }) %}
    {% endfor %}
    {{ return(metadata) }}
{% endmacro %}
