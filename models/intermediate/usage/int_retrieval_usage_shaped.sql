{#- A rerank costs one search unit at least. #}
{%- set search_units -%}
    case
        when operation = 'rerank' and status = 'success' then coalesce(search_units, 1)
        else search_units
    end
{%- endset %}

with queries as (

    select * from {{ ref('int_retrieval_queries_inherited') }}

),

shaped as (

    select
        ---------- ids
        'retrieval' as source_name,
        query_id as source_event_id,
        {{ event_key("'retrieval'", 'query_id', 'null') }} as event_id,
        trace_id,
        cast(null as {{ dbt.type_string() }}) as session_id,
        api_key_id,
        coalesce(user_id, inherited_user_id) as user_id,
        cast(null as {{ dbt.type_string() }}) as ancestor_team_id,
        trace_team_id,

        ---------- strings
        operation,
        store as provider_name,
        coalesce(model_name, store) as model_name,
        store as model_alternative_name,
        cast(null as {{ dbt.type_string() }}) as region_name,
        cast(null as {{ dbt.type_string() }}) as service_tier_name,
        status,
        cast(null as {{ dbt.type_string() }}) as error_class,
        cast(null as {{ dbt.type_string() }}) as api_key_alias,
        cast(null as {{ dbt.type_string() }}) as service_name,
        cast(null as {{ dbt.type_string() }}) as agent_name,
        cast(null as {{ dbt.type_string() }}) as tool_name,
        cast(null as {{ dbt.type_string() }}) as key_team_tag,
        team_tag,
        coalesce(feature_tag, inherited_feature_tag) as feature_tag,
        coalesce(project_tag, inherited_project_tag) as project_tag,
        coalesce(environment_tag, inherited_environment_tag) as environment_tag,
        coalesce(owner_tag, inherited_owner_tag) as owner_tag,
        coalesce(purpose_tag, inherited_purpose_tag) as purpose_tag,
        coalesce(eval_scope_tag, inherited_eval_scope_tag) as eval_scope_tag,
        coalesce(eval_suite_tag, inherited_eval_suite_tag) as eval_suite_tag,
        coalesce(eval_run_tag, inherited_eval_run_tag) as eval_run_tag,
        tag_list,
        cast(null as {{ dbt.type_string() }}) as billed_by,

        ---------- numerics
        1 as source_precedence,
        0 as repeat_rank,
        {{ usage_quantities(
            [
                'egress_bytes',
            ],
            {
                'input_tokens': 'embed_tokens',
                'search_units': quantity(search_units),
                'read_units': quantity('read_units'),
                'write_units': quantity('write_units'),
                'storage_gb_months': quantity('storage_gb_months'),
                'request_count': '1',
            },
        ) }},
        {{ money('null') }} as reported_cost_usd,

        ---------- booleans
        -- A failure is billed when the store counted something.
        status = 'success'
        or coalesce(read_units, 0) > 0
        or coalesce(write_units, 0) > 0
        or coalesce(search_units, 0) > 0
        or coalesce(egress_bytes, 0) > 0
        or coalesce(embed_tokens, 0) > 0 as is_billed,
        operation = 'rerank' and search_units is null as is_quantity_assumed,
        false as is_gateway_cache_hit,
        false as is_retry,
        false as is_fallback,
        false as is_agent_step,
        feature_tag is null and inherited_feature_tag is not null as is_feature_inherited,
        user_id is null and inherited_user_id is not null as is_user_inherited,
        false as is_withdrawn,

        ---------- timestamps
        queried_at as event_at,

        ---------- load
        load_id,
        line_number,
        batch_id
    from queries

)

select * from shaped
