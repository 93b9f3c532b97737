{% macro json_sum(prepared, keys, other_keys='') %}
    {#- The sum of the counts in a JSON object whose keys match one pattern and not another.

        Null when there is none; `unreadable_count()` when one of them is no whole number (see
        `text_to_count`).

        Arguments:
            prepared: the alias given to `json_counts(column)`.
            keys: regular expression found in the keys that count, in any case.
            other_keys: regular expression found in the keys that don't; empty: none.
    -#}
    {{ return(adapter.dispatch('json_sum', 'llm_chargeback')(prepared, keys, other_keys)) }}
{% endmacro %}

{% macro default__json_sum(prepared, keys, other_keys) -%}
    (
        select
            case
                when min(counts.amount) = {{ llm_chargeback.unreadable_count() }}
                    then {{ llm_chargeback.unreadable_count() }}
                when sum(counts.amount) >= 1000000000000000000 then 999999999999999999
                else cast(sum(counts.amount) as bigint)
            end
        from (
            select {{ llm_chargeback.text_to_count('entries.value') }} as amount
            from jsonb_each_text({{ prepared }}) as entries
            where entries.key ~* '{{ keys }}'
            {%- if other_keys %} and entries.key !~* '{{ other_keys }}'{% endif %}
        ) as counts
    )
{%- endmacro %}

{% macro duckdb__json_sum(prepared, keys, other_keys) -%}
    {%- set condition -%}
        regexp_matches(e['key'], '(?i){{ keys }}')
        {%- if other_keys %} and not regexp_matches(e['key'], '(?i){{ other_keys }}'){% endif %}
    {%- endset -%}
    list_transform(
        [list_transform(
            list_filter({{ prepared }}, lambda e: {{ condition }}),
            lambda e: {{ llm_chargeback.text_to_count("e['value']") }}
        )],
        lambda amounts: case
            when list_min(amounts) = {{ llm_chargeback.unreadable_count() }}
                then {{ llm_chargeback.unreadable_count() }}
            when list_sum(amounts) >= 1000000000000000000 then 999999999999999999
            else cast(list_sum(amounts) as bigint)
        end
    )[1]
{%- endmacro %}
