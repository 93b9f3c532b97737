{{ config(materialized='table') }}

{#- The rules worked out for all that they can tell apart, so that an event needs one look-up: each
    operation, in and outside an agent, each purpose that a rule names ("" for all others), and each
    agent and tool that a rule names ("" for all others). #}

with reference_rules as (

    select * from {{ ref('default_action_rules') }}

),

company_rules as (

    select * from {{ ref('action_rules') }}

),

unioned as (

    select
        1 as rule_source,
        priority,
        operation,
        agent_step,
        agent_name,
        tool_name,
        purpose,
        action_class
    from company_rules

    union all

    select
        2 as rule_source,
        priority,
        operation,
        agent_step,
        agent_name,
        tool_name,
        purpose,
        action_class
    from reference_rules

),

-- An empty field is any, as `*` is.
rules as (

    select
        {% for column in ['operation', 'agent_step', 'agent_name', 'tool_name', 'purpose'] -%}
        coalesce({{ text_key(column) }}, '*') as {{ column }},
        {% endfor -%}
        action_class,
        cast(
            row_number() over (order by rule_source, priority, action_class, operation) as integer
        ) as action_rank
    from unioned

),

operations as (

    {% for operation in event_operations() -%}
    select cast('{{ operation }}' as {{ dbt.type_string() }}) as operation
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

agent_steps as (

    select true as is_agent_step
    union all
    select false as is_agent_step

),

purposes as (

    select purpose
    from rules
    where purpose <> '*'

    union

    select '' as purpose

),

names as (

    select distinct
        seen.agent_name,
        seen.tool_name
    from {{ ref('int_models_seen') }} as seen
    inner join rules
        on
            {{ matches_wildcard('seen.agent_name', 'rules.agent_name') }}
            and {{ matches_wildcard('seen.tool_name', 'rules.tool_name') }}
            and (rules.agent_name <> '*' or rules.tool_name <> '*')

    union all

    select
        cast(null as {{ dbt.type_string() }}) as agent_name,
        cast(null as {{ dbt.type_string() }}) as tool_name

),

matches as (

    select
        operations.operation,
        agent_steps.is_agent_step,
        purposes.purpose,
        coalesce({{ action_name_key('names.agent_name', 'names.tool_name') }}, '') as name_key,
        rules.action_class,
        rules.action_rank,
        row_number() over (
            partition by
                operations.operation,
                agent_steps.is_agent_step,
                purposes.purpose,
                names.agent_name,
                names.tool_name
            order by rules.action_rank
        ) as match_rank
    from operations
    cross join agent_steps
    cross join purposes
    cross join names
    inner join rules
        on
            rules.operation in ('*', operations.operation)
            and rules.agent_step
            in ('*', case when agent_steps.is_agent_step then 'true' else 'false' end)
            and rules.purpose in ('*', purposes.purpose)
            and {{ matches_wildcard('names.agent_name', 'rules.agent_name') }}
            and {{ matches_wildcard('names.tool_name', 'rules.tool_name') }}

),

lookups as (

    select
        operation,
        is_agent_step,
        purpose,
        name_key,
        action_class,
        action_rank
    from matches
    where match_rank = 1

)

select * from lookups
