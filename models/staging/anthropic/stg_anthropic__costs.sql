with source as (

    select
        *,
        -- A day that was told again is as it was told last.
        rank() over (
            partition by starting_at, workspace_id, description, service_tier, context_window
            order by _load_id desc
        ) as version_rank
    from {{ raw_source('anthropic', 'costs') }}

),

renamed as (

    select
        ---------- ids
        nullif(trim(workspace_id), '') as workspace_id,

        ---------- strings
        nullif(trim(description), '') as description,
        nullif(trim(cost_type), '') as cost_type,
        nullif(trim(model), '') as model_name,
        nullif(trim(token_type), '') as token_type,
        nullif(trim(service_tier), '') as service_tier_name,
        nullif(trim(context_window), '') as context_window,
        nullif(trim(inference_geo), '') as inference_geo,
        upper(nullif(trim(currency), '')) as currency,

        ---------- numerics
        -- Told in cents.
        {{ money('amount * cast(0.01 as numeric(3, 2))') }} as amount,

        ---------- dates
        cast(starting_at as date) as cost_date,

        ---------- timestamps
        starting_at as started_at,
        ending_at as ended_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from source
    where version_rank = 1

)

select * from renamed
