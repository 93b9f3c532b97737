{% macro ratio(part, whole) -%}
    {#- One amount of money as a part of another, to 12 decimals; null where the other is zero. Smaller
        amounts can be told apart than by `divide_money`, whose divisors have 6 decimals.

        Arguments:
            part, whole: SQL expressions of amounts of at least 0, below 1e12.
    -#}
    case
        when {{ whole }} >= 0.000000000001
            then {{ llm_chargeback.divide_money(
                '(' ~ part ~ ') * 1000000', '(' ~ whole ~ ') * 1000000'
            ) }}
    end
{%- endmacro %}
