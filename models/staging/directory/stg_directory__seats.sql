with source as (

    select * from {{ raw_source('directory', 'seats') }}

),

renamed as (

    select distinct
        ---------- ids
        user_id,
        nullif(trim(team_id), '') as team_tag,

        ---------- strings
        nullif(trim(seat_plan), '') as seat_plan,

        ---------- timestamps
        coalesce(valid_from, {{ first_timestamp() }}) as valid_from,
        coalesce(valid_to, {{ last_timestamp() }}) as valid_to
    from source

)

select * from renamed
