{% macro changed_dates(days, event_count='sum(event_count)') -%}
    {#- The dates whose events this incremental model has not seen as they are now.

        The model keeps `last_load_id`, the newest load of a date; a date whose newest load differs is
        computed again as a whole. A late row so costs its own day, not history.

        Arguments:
            days: a relation with `event_date`, `event_count` and `last_load_id`, one row a date.
            event_count: SQL aggregate that gives the events of a date in the incremental model.
        Returns: SQL of one column, event_date.
    -#}
    select changed.event_date
    from {{ days }} as changed
    left join (
        select
            event_date,
            max(last_load_id) as last_load_id,
            cast({{ event_count }} as bigint) as event_count
        from {{ this }}
        group by event_date
    ) as known
        on changed.event_date = known.event_date
    where
        known.event_date is null
        or known.last_load_id <> changed.last_load_id
        or known.event_count <> changed.event_count
{%- endmacro %}
