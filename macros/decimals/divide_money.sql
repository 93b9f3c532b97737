{% macro divide_money(amount, divisor) %}
    {#- An amount divided by a quantity, exact to 12 decimals, half away from zero; null when the
        quantity is zero or null. The same digits on every warehouse: no float is involved.

        Arguments:
            amount: SQL expression of an amount below 1e12; read with 12 decimals.
            divisor: SQL expression of a quantity of at least 0; read with 6 decimals.
    -#}
    {{ return(adapter.dispatch('divide_money', 'llm_chargeback')(amount, divisor)) }}
{% endmacro %}

{% macro default__divide_money(amount, divisor) -%}
    cast(
        case
            when {{ divisor }} > 0 then
                sign({{ amount }})
                * div(
                    abs(round({{ amount }}, 12)) * 1000000000000 * 1000000
                    + div(round({{ divisor }}, 6) * 1000000, 2),
                    round({{ divisor }}, 6) * 1000000
                )
                * 0.000000000001
        end
        as numeric(38, 12)
    )
{%- endmacro %}

{% macro duckdb__divide_money(amount, divisor) -%}
    {%- set amount_int -%}
        cast(cast({{ amount }} as decimal(38, 12)) * cast(1000000000000 as decimal(13, 0)) as hugeint)
    {%- endset -%}
    {%- set divisor_int -%}
        cast(cast({{ divisor }} as decimal(24, 6)) * cast(1000000 as decimal(7, 0)) as hugeint)
    {%- endset -%}
    case
        when {{ divisor }} > 0 then cast(
            sign({{ amount_int }})
            * ((abs({{ amount_int }}) * 1000000 + {{ divisor_int }} // 2) // {{ divisor_int }})
            as decimal(38, 0)
        ) * cast(0.000000000001 as decimal(12, 12))
    end
{%- endmacro %}
