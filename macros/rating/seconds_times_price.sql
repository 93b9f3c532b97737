{% macro seconds_times_price(seconds, hourly_price) -%}
    {#- Seconds times the price of an hour, rounded to 15 decimals, half away from zero: the one price
        that doesn't divide without a rest. The same digits on every warehouse, no float.

        Arguments:
            seconds: SQL expression of a `type_quantity`, not null, not negative.
            hourly_price: SQL expression, at most 9 decimals; null counts as zero.
    -#}
    {{ return(adapter.dispatch('seconds_times_price', 'llm_chargeback')(seconds, hourly_price)) }}
{%- endmacro %}

{% macro default__seconds_times_price(seconds, hourly_price) -%}
    {{ llm_chargeback.money(
        'div(' ~ seconds ~ ' * round(coalesce(' ~ hourly_price
        ~ ', 0), 9) * 1000000000000000 + 1800, 3600) * 0.000000000000001'
    ) }}
{%- endmacro %}

{% macro duckdb__seconds_times_price(seconds, hourly_price) -%}
    {%- set micros = 'cast(cast(' ~ seconds ~ ' as decimal(38, 6)) * 1000000 as hugeint)' -%}
    {%- set nanos -%}
        cast(
            cast(coalesce({{ hourly_price }}, 0) as decimal(38, 9)) * 1000000000 as hugeint
        )
    {%- endset -%}
    cast(({{ micros }} * {{ nanos }} + 1800) // 3600 as decimal(38, 0))
    * cast(0.000000000000001 as decimal(15, 15))
{%- endmacro %}
