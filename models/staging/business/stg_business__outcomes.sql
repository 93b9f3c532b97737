with source as (

    select
        *,
        row_number() over (
            partition by outcome_id
            order by _load_id desc, _line_number desc
        ) as version_rank
    from {{ raw_source('business', 'outcomes') }}

),

renamed as (

    select
        ---------- ids
        outcome_id,
        nullif(trim(trace_id), '') as trace_id,

        ---------- strings
        {{ text_key('outcome_type') }} as outcome_type,
        nullif(trim(team), '') as team_tag,
        nullif(trim(feature), '') as feature_tag,
        upper(nullif(trim(currency), '')) as currency,

        ---------- numerics
        cast(coalesce(quantity, 1) as numeric(38, 9)) as quantity,
        {{ money('value') }} as outcome_value,

        ---------- dates
        cast(occurred_at as date) as outcome_date,

        ---------- timestamps
        occurred_at
    from source
    where version_rank = 1

)

select * from renamed
