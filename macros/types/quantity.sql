{% macro quantity(expression) -%}
    {#- Casts an expression to a fractional quantity (see `type_quantity`), rounded to 6 decimals.

        What is too large is cut to the bound rather than failing the build:
        `int_usage_events_metered` rejects every row that has `max_quantity()` or more of anything.

        Arguments:
            expression: SQL of a decimal or integer; never a float.
    -#}
    cast(
        case
            when abs({{ expression }}) < {{ llm_chargeback.max_quantity() }} then {{ expression }}
            else sign({{ expression }}) * {{ llm_chargeback.max_quantity() }}
        end
        as {{ llm_chargeback.type_quantity() }}
    )
{%- endmacro %}

{% macro max_quantity() -%}
    {#- Nothing that one call uses reaches this: not tokens, units, images or bytes. -#}
    100000000000
{%- endmacro %}
