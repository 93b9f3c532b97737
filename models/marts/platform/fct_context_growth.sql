{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='turn_month',
    pre_hook="{{ delete_gone_months(ref('int_conversation_turns'), 'event_date', 'turn_month') }}",
    on_schema_change='fail',
) }}

with turns as (

    select
        *,
        {{ month_of('event_date') }} as turn_month
    from {{ ref('int_conversation_turns') }}
    where turn_position is not null

),

{% if is_incremental() -%}
changed_months as (

    {{ changed_months('turns', 'turn_month', 'turn_count') }}

),

{% endif -%}
changed_turns as (

    select
        *,
        cast(least(turn_position, {{ var('max_turn_position') }}) as bigint) as last_position
    from turns
    {% if is_incremental() -%}
    where turn_month in (select changed_months.turn_month from changed_months)
    {%- endif %}

),

summed as (

    select
        turn_month,
        team_id,
        feature_id,
        last_position as turn_position,
        count(*) as turn_count,
        {%- for tokens in ['input', 'history', 'output', 'summary_saved'] %}
        cast(sum({{ tokens }}_tokens) as bigint) as {{ tokens }}_tokens,
        {%- endfor %}
        {%- for cost in ['list', 'history', 'summary_saved', 'summary'] %}
        {{ money('sum(' ~ cost ~ '_cost_usd)') }} as {{ cost }}_cost_usd,
        {%- endfor %}
        max(batch_id) as last_load_id
    from changed_turns
    group by
        turn_month,
        team_id,
        feature_id,
        last_position

),

final as (

    select
        turn_month,
        team_id,
        feature_id,
        turn_position,
        turn_count,
        input_tokens,
        history_tokens,
        output_tokens,
        list_cost_usd,
        {{ divide_money('list_cost_usd', 'turn_count') }} as cost_per_turn_usd,
        history_cost_usd,
        summary_saved_tokens,
        summary_saved_cost_usd,
        summary_cost_usd,
        {{ money('summary_saved_cost_usd - summary_cost_usd') }} as summary_net_saving_usd,
        last_load_id
    from summed

)

select * from final
