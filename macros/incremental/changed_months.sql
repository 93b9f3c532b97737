{% macro changed_months(rows, month, row_count) -%}
    {#- The months whose rows this incremental monthly mart has not seen as they are now.

        As `changed_dates`: the mart keeps `last_load_id` and how many rows a month has; a month that
        differs is computed again as a whole.

        Arguments:
            rows: a relation in the query with the month and `batch_id`, one row per what is counted.
            month: name of the month's column, there and in the mart.
            row_count: the mart's column of the number of rows.
        Returns: SQL of one column, the month.
    -#}
    select months.{{ month }}
    from (
        select
            {{ month }},
            count(*) as row_count,
            max(batch_id) as last_load_id
        from {{ rows }}
        group by {{ month }}
    ) as months
    left join (
        select
            {{ month }},
            sum({{ row_count }}) as row_count,
            max(last_load_id) as last_load_id
        from {{ this }}
        group by {{ month }}
    ) as known
        on months.{{ month }} = known.{{ month }}
    where
        known.{{ month }} is null
        or known.row_count <> months.row_count
        or known.last_load_id <> months.last_load_id
{%- endmacro %}
