{% macro repeated_prompts() -%}
    {#- CTEs of `int_agent_runs_measured`: how often each run asked a model with a prompt of the same
        shape, that is of nearly as many input tokens as the next smaller one
        (`vars: same_prompt_tolerance_tokens`). Makes `prompts`, a row per run with model calls.

        Reads `events`.
    -#}
prompt_sizes as (

    select
        trace_key,
        model_id,
        input_tokens,
        count(*) as call_count
    from events
    where operation = 'chat' and input_tokens > 0
    group by
        trace_key,
        model_id,
        input_tokens

),

prompt_steps as (

    select
        *,
        case
            when
                input_tokens - lag(input_tokens) over sizes
                <= {{ var('same_prompt_tolerance_tokens') }}
                then 0
            else 1
        end as begins_shape
    from prompt_sizes
    window sizes as (partition by trace_key, model_id order by input_tokens)

),

prompt_shapes as (

    select
        *,
        sum(begins_shape) over (
            partition by trace_key, model_id
            order by input_tokens
            rows between unbounded preceding and current row
        ) as shape
    from prompt_steps

),

shape_counts as (

    select
        trace_key,
        sum(call_count) as call_count
    from prompt_shapes
    group by
        trace_key,
        model_id,
        shape

),

prompts as (

    select
        trace_key,
        cast(max(call_count) as bigint) as same_prompt_count
    from shape_counts
    group by trace_key

)
{%- endmacro %}
