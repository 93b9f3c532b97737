{#- By month: storage is sold by the month, the bill is monthly, and a day's ratio says more about
    the weekday than about the feature. #}

{%- set parts = store_parts() %}

with summed as (

    select * from {{ ref('int_usage_events_summed') }}

),

monthly as (

    select
        {{ month_of('event_date') }} as period,
        team_id,
        feature_id,
        sum(case
            when operation in ({{ quoted(store_part_operations().values()) }}) then event_count
            else 0
        end) as retrieval_event_count,
        sum(store_query_count) as store_query_count,
        sum(traced_query_count) as traced_query_count,
        {%- for part in parts %}
        sum({{ part }}_cost_usd) as {{ part }}_cost_usd,
        {%- endfor %}
        sum(list_cost_usd) as list_cost_usd
    from summed
    group by
        {{ month_of('event_date') }},
        team_id,
        feature_id

),

-- A query is in the store's log and may be in a trace as well: the log counts, where there is one.
counted as (

    select
        *,
        case when store_query_count > 0 then store_query_count else traced_query_count end
            as query_count,
        {% for part in parts -%}
        {{ part }}_cost_usd{{ ' + ' if not loop.last }}
        {%- endfor %} as retrieval_cost_usd
    from monthly
    where retrieval_event_count > 0

),

compared as (

    select
        *,
        list_cost_usd - retrieval_cost_usd as inference_cost_usd,
        {{ divide_money('retrieval_cost_usd', 'query_count') }} as cost_per_query_usd,
        {{ ratio('retrieval_cost_usd', 'list_cost_usd - retrieval_cost_usd') }}
            as retrieval_to_inference_ratio
    from counted

),

final as (

    select
        compared.period,
        compared.team_id,
        compared.feature_id,
        cast(compared.retrieval_event_count as bigint) as retrieval_event_count,
        cast(compared.query_count as bigint) as query_count,
        {% for part in parts -%}
        {{ money('compared.' ~ part ~ '_cost_usd') }} as {{ part }}_cost_usd,
        {% endfor -%}
        {{ money('compared.retrieval_cost_usd') }} as retrieval_cost_usd,
        {{ money('compared.inference_cost_usd') }} as inference_cost_usd,
        compared.cost_per_query_usd,
        compared.retrieval_to_inference_ratio,
        {{ money('before.retrieval_cost_usd') }} as previous_retrieval_cost_usd,
        cast(compared.cost_per_query_usd - before.cost_per_query_usd as numeric(38, 12))
            as cost_per_query_change_usd,
        cast(
            compared.retrieval_to_inference_ratio - before.retrieval_to_inference_ratio
            as numeric(38, 12)
        ) as retrieval_to_inference_change
    from compared
    left join compared as before
        on
            compared.team_id = before.team_id
            and compared.feature_id = before.feature_id
            and compared.period = cast({{ dbt.dateadd('month', 1, 'before.period') }} as date)

)

select * from final
