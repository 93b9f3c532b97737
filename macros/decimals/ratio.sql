{% macro ratio(part, whole) -%}
    {#- One amount of money as a part of another, to 12 decimals; null where the other is zero. Small
        amounts can be told apart: below a million both are read with 12 decimals, above with 6, as
        `divide_money` does.

        Arguments:
            part, whole: SQL expressions of amounts of at least 0, below 1e14.
    -#}
    cast(
        case
            when ({{ part }}) < 1000000 and ({{ whole }}) < 1000000
                then
                    case
                        when ({{ whole }}) >= 0.000000000001
                            then {{ llm_chargeback.divide_money(
                                '(' ~ part ~ ') * 1000000', '(' ~ whole ~ ') * 1000000'
                            ) }}
                    end
            when ({{ whole }}) >= 0.000001
                then {{ llm_chargeback.divide_money('(' ~ part ~ ')', '(' ~ whole ~ ')') }}
        end
        as numeric(38, 12)
    )
{%- endmacro %}
