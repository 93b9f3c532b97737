{% macro is_outlier_run(runs, usual_costs) -%}
    {#- The condition that an agent run cost many times the median of its feature, kind and month
        (`vars: outlier_times_median`); no run is an outlier where the median is zero.

        Arguments:
            runs: alias of `int_agent_runs_measured` in the query.
            usual_costs: alias of a relation with `median_cost_usd`.
    -#}
    (
            {{ usual_costs }}.median_cost_usd > 0
            and {{ runs }}.list_cost_usd
            > {{ usual_costs }}.median_cost_usd * {{ var('outlier_times_median') }}
        )
{%- endmacro %}
