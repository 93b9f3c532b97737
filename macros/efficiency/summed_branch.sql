{% macro summed_branch(relation, dimensions, measures, told, last_load_id='null', condition='1 = 1') -%}
    {#- One branch of the union in `int_usage_events_summed`: sums by the dimensions, zero for the
        measures that the relation does not tell.

        Arguments:
            relation: table, view or common table expression.
            dimensions: dictionary of column name -> SQL expression.
            measures: list of the names of all measures, in order.
            told: dictionary of measure -> SQL expression that is summed.
            last_load_id: SQL expression of the newest load of a row.
            condition: SQL condition of the rows.
    -#}
    select
        {%- for name, expression in dimensions.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        {%- for name in measures %}
        {{ 'sum(' ~ told[name] ~ ')' if name in told else '0' }} as {{ name }},
        {%- endfor %}
        cast(max({{ last_load_id }}) as bigint) as last_load_id
    from {{ relation }}
    where {{ condition }}
    group by
        {{ dimensions.values() | join(',\n        ') }}
{%- endmacro %}
