-- Each event is in one row of fct_reported_costs, with its tokens and its money.
with sides as (

    select
        event_date,
        source_name,
        provider,
        model_id,
        service_tier,
        1 as event_count,
        input_tokens,
        output_tokens,
        reported_cost_usd,
        list_cost_usd
    from {{ ref('fct_usage_events') }}

    union all

    select
        event_date,
        source_name,
        provider,
        model_id,
        service_tier,
        -event_count as event_count,
        -input_tokens as input_tokens,
        -output_tokens as output_tokens,
        -reported_cost_usd as reported_cost_usd,
        -list_cost_usd as list_cost_usd
    from {{ ref('fct_reported_costs') }}

),

differences as (

    select
        event_date,
        source_name,
        provider,
        model_id,
        service_tier,
        sum(event_count) as event_count_difference,
        sum(input_tokens) as input_tokens_difference,
        sum(output_tokens) as output_tokens_difference,
        sum(coalesce(reported_cost_usd, 0)) as reported_difference_usd,
        sum(coalesce(list_cost_usd, 0)) as list_difference_usd
    from sides
    group by
        event_date,
        source_name,
        provider,
        model_id,
        service_tier

)

select * from differences
where
    event_count_difference <> 0
    or input_tokens_difference <> 0
    or output_tokens_difference <> 0
    or reported_difference_usd <> 0
    or list_difference_usd <> 0
