{% macro delete_gone_months(rows, moment, month='run_month') -%}
    {#- A pre-hook of a monthly mart: deletes the months that have no row left, which deleting and
        inserting would leave as they were.

        Arguments:
            rows: the relation that the mart sums.
            moment: its timestamp or date.
            month: the mart's column of the month.
    -#}
    {%- if execute and is_incremental() -%}
    delete from {{ this }}
    where {{ month }} not in (
        select {{ llm_chargeback.month_of(moment) }} from {{ rows }} where {{ moment }} is not null
    )
    {%- endif -%}
{%- endmacro %}
