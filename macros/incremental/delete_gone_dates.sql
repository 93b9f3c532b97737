{% macro delete_gone_dates(days) -%}
    {#- A pre-hook of a daily mart: deletes the days that a relation no longer has.

        A day loses its last event when a better record of it, of another day, takes over. The day
        then has nothing to compute, so deleting and inserting would leave it as it was.

        Arguments:
            days: a relation with `event_date`, none of them null.
    -#}
    {%- if execute and is_incremental() -%}
    delete from {{ this }} where event_date not in (select event_date from {{ days }})
    {%- endif -%}
{%- endmacro %}
