{% macro divide_small_money(amount, divisor) -%}
    {#- An amount of money divided by another, exact to 12 decimals; null when the other is zero or
        null. As `divide_money`, with a divisor that is read with 12 decimals: a call may cost less than
        a millionth.

        Arguments:
            amount: SQL expression of an amount below 1e6, in USD.
            divisor: SQL expression of an amount of at least 0, in USD.
    -#}
    {{ llm_chargeback.divide_money(
        '(' ~ amount ~ ') * cast(1000000 as numeric(7, 0))',
        '(' ~ divisor ~ ') * cast(1000000 as numeric(7, 0))'
    ) }}
{%- endmacro %}
