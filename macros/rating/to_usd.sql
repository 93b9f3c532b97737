{% macro to_usd(amount) -%}
    {#- An amount in the currency of a rate card in USD, at the rate of the event's day, rounded to 15
        decimals; nothing is computed for what is in USD.

        Arguments:
            amount: SQL expression of a `type_money`, in a query with the columns `currency` and
                `usd_per_unit`.
    -#}
    case
        when currency = 'USD' then {{ amount }}
        else {{ llm_chargeback.money(amount ~ ' * usd_per_unit') }}
    end
{%- endmacro %}
