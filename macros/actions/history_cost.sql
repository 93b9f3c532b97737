{% macro history_cost(turns, prices) -%}
    {#- What the part of a prompt cost that was sent before, in the currency of its card. A prompt begins
        with it, and with what the cache served: history is that first, then what went into the
        cache, then the rest.

        Arguments:
            turns: relation in the query with `history_tokens` and the input tokens of a call by
                component.
            prices: alias of `int_prices_pivoted` in the query.
    -#}
    {%- set history = turns ~ '.history_tokens' -%}
    {%- set before = ['0'] -%}
    {%- for component in ['cache_read', 'cache_write_5m', 'cache_write_1h', 'input'] -%}
        {%- set start = 'least(' ~ history ~ ', ' ~ before | join(' + ') ~ ')' -%}
        {%- if component == 'input' -%}
            {%- set end = history -%}
        {%- else -%}
            {%- do before.append(turns ~ '.' ~ component ~ '_tokens') -%}
            {%- set end = 'least(' ~ history ~ ', ' ~ before | join(' + ') ~ ')' -%}
        {%- endif %}
        {{ '+ ' if not loop.first -}}
        {{ llm_chargeback.money(
            '(' ~ end ~ ' - ' ~ start ~ ') * coalesce('
            ~ prices ~ '.' ~ llm_chargeback.price_column(component) ~ ', 0)'
        ) }}
    {%- endfor -%}
{%- endmacro %}
