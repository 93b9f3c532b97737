{% macro exclusive_ranges(relation, key, columns, preference=[]) -%}
    {#- Rows with validity ranges cut so that a key has one row at a moment.

        Of the ranges that are open at a moment the one that began last wins; when it ends, the one
        it interrupted goes on. Returns a query with `key`, `columns`, `valid_from`, `valid_to`.

        Arguments:
            relation: name of the rows, which have `valid_from` and `valid_to` (half-open, no nulls).
            key: column that says whose ranges they are; rows without it are left out.
            columns: other columns to keep.
            preference: order of ranges that begin together; the last wins, and a longer one before
                these.
    -#}
    {%- set order = ['valid_from'] + (preference or ['valid_to'] + columns) -%}
    with numbered as (

        select
            {{ key }},
            {{ columns | join(', ') }},
            valid_from,
            valid_to,
            row_number() over (
                partition by {{ key }}
                order by {{ order | join(', ') }}
            ) as range_number,
            max(valid_to) over (
                partition by {{ key }}
                order by {{ order | join(', ') }}
                rows between unbounded preceding and 1 preceding
            ) as outer_valid_to
        from {{ relation }}
        where {{ key }} is not null and valid_from < valid_to

    ),

    moments as (

        select
            {{ key }},
            valid_from as starts_at,
            max(range_number) as range_number
        from numbered
        group by {{ key }}, valid_from

        union

        select
            ended.{{ key }},
            ended.valid_to as starts_at,
            max(opened.range_number) as range_number
        from numbered as ended
        inner join numbered as opened
            on
                ended.{{ key }} = opened.{{ key }}
                and ended.valid_to >= opened.valid_from
                and ended.valid_to < opened.valid_to
        where ended.outer_valid_to > ended.valid_to
        group by ended.{{ key }}, ended.valid_to

    ),

    compared as (

        select
            *,
            lag(range_number) over (
                partition by {{ key }} order by starts_at
            ) as previous_range_number
        from moments

    ),

    changes as (

        select
            {{ key }},
            range_number,
            starts_at,
            lead(starts_at) over (
                partition by {{ key }} order by starts_at
            ) as next_starts_at
        from compared
        where coalesce(previous_range_number, 0) <> range_number

    )

    select
        numbered.{{ key }},
        {%- for column in columns %}
        numbered.{{ column }},
        {%- endfor %}
        changes.starts_at as valid_from,
        least(
            numbered.valid_to, coalesce(changes.next_starts_at, numbered.valid_to)
        ) as valid_to
    from changes
    inner join numbered
        on
            changes.{{ key }} = numbered.{{ key }}
            and changes.range_number = numbered.range_number
{%- endmacro %}
