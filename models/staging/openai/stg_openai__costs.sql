with source as (

    select
        *,
        -- A day that was told again is as it was told last.
        rank() over (
            partition by start_time, project_id, line_item
            order by _load_id desc
        ) as version_rank
    from {{ raw_source('openai', 'costs') }}

),

renamed as (

    select
        ---------- ids
        nullif(trim(project_id), '') as openai_project_id,

        ---------- strings
        nullif(trim(line_item), '') as line_item,
        nullif(trim(split_part(line_item, ',', 1)), '') as model_name,
        upper(nullif(trim(currency), '')) as currency,
        quantity_unit,

        ---------- numerics
        {{ money('amount') }} as amount,
        quantity,

        ---------- dates
        cast(start_time as date) as cost_date,

        ---------- timestamps
        start_time as started_at,
        end_time as ended_at,

        ---------- load
        _load_id as load_id,
        _line_number as line_number
    from source
    where version_rank = 1

)

select * from renamed
