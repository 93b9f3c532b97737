{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='run_month',
    pre_hook="{{ delete_gone_months(ref('int_agent_runs_measured'), 'started_at') }}",
    on_schema_change='fail',
) }}

with runs as (

    select
        *,
        {{ month_of('started_at') }} as run_month
    from {{ ref('int_agent_runs_measured') }}
    where run_kind in ('agent', 'chain')

),

{% if is_incremental() -%}
changed_months as (

    {{ changed_months('runs', 'run_month', 'run_count') }}

),

{% endif -%}
changed_runs as (

    select
        *,
        {{ ratio('list_cost_usd', 'first_call_cost_usd') }} as cost_multiplier
    from runs
    {% if is_incremental() -%}
    where run_month in (select changed_months.run_month from changed_months)
    {%- endif %}

),

usual_costs as (

    select
        run_month,
        feature_id,
        run_kind,
        percentile_disc(0.5) within group (order by list_cost_usd) as median_cost_usd,
        percentile_disc(0.95) within group (order by list_cost_usd) as p95_cost_usd,
        percentile_disc(0.5) within group (order by cost_multiplier) as median_cost_multiplier,
        percentile_disc(0.95) within group (order by cost_multiplier) as p95_cost_multiplier
    from changed_runs
    group by
        run_month,
        feature_id,
        run_kind

),

summed as (

    select
        changed_runs.run_month,
        changed_runs.feature_id,
        changed_runs.run_kind,
        count(*) as run_count,
        sum(case when changed_runs.status = 'failure' then 1 else 0 end) as failed_run_count,
        sum(case when {{ is_looping_run('changed_runs') }} then 1 else 0 end) as looping_run_count,
        sum(
            case when {{ is_outlier_run('changed_runs', 'usual_costs') }} then 1 else 0 end
        ) as outlier_run_count,
        sum(changed_runs.llm_count) as llm_call_count,
        sum(changed_runs.tool_count) as tool_call_count,
        sum(changed_runs.list_cost_usd) as list_cost_usd,
        sum(changed_runs.negotiated_cost_usd) as negotiated_cost_usd,
        sum(changed_runs.wasted_cost_usd) as wasted_cost_usd,
        sum(
            case when changed_runs.status = 'failure' then changed_runs.list_cost_usd else 0 end
        ) as failed_run_cost_usd,
        sum(
            case
                when {{ is_looping_run('changed_runs') }} then changed_runs.list_cost_usd
                else 0
            end
        ) as looping_run_cost_usd,
        sum(
            case
                when {{ is_outlier_run('changed_runs', 'usual_costs') }}
                    then changed_runs.list_cost_usd
                else 0
            end
        ) as outlier_run_cost_usd,
        max(changed_runs.list_cost_usd) as highest_cost_usd,
        max(changed_runs.batch_id) as last_load_id
    from changed_runs
    inner join usual_costs
        on
            changed_runs.run_month = usual_costs.run_month
            and changed_runs.feature_id = usual_costs.feature_id
            and changed_runs.run_kind = usual_costs.run_kind
    group by
        changed_runs.run_month,
        changed_runs.feature_id,
        changed_runs.run_kind

),

final as (

    select
        summed.run_month,
        summed.feature_id,
        summed.run_kind,
        summed.run_count,
        {%- for name in [
            'failed_run_count', 'looping_run_count', 'outlier_run_count', 'llm_call_count',
            'tool_call_count'
        ] %}
        cast(summed.{{ name }} as bigint) as {{ name }},
        {%- endfor %}
        {%- for name in [
            'list_cost_usd', 'negotiated_cost_usd', 'wasted_cost_usd', 'failed_run_cost_usd',
            'looping_run_cost_usd', 'outlier_run_cost_usd'
        ] %}
        {{ money('summed.' ~ name) }} as {{ name }},
        {%- endfor %}
        {{ divide_money('summed.list_cost_usd', 'summed.run_count') }} as mean_cost_usd,
        {{ money('usual_costs.median_cost_usd') }} as median_cost_usd,
        {{ money('usual_costs.p95_cost_usd') }} as p95_cost_usd,
        {{ money('summed.highest_cost_usd') }} as highest_cost_usd,
        cast(usual_costs.median_cost_multiplier as numeric(38, 12)) as median_cost_multiplier,
        cast(usual_costs.p95_cost_multiplier as numeric(38, 12)) as p95_cost_multiplier,
        summed.last_load_id
    from summed
    inner join usual_costs
        on
            summed.run_month = usual_costs.run_month
            and summed.feature_id = usual_costs.feature_id
            and summed.run_kind = usual_costs.run_kind

)

select * from final
