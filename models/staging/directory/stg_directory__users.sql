with source as (

    select * from {{ raw_source('directory', 'users') }}

),

renamed as (

    select distinct
        ---------- ids
        user_id,
        nullif(trim(team_id), '') as team_tag,

        ---------- strings
        nullif(trim(user_name), '') as user_name,

        ---------- timestamps
        coalesce(valid_from, {{ first_timestamp() }}) as valid_from,
        coalesce(valid_to, {{ last_timestamp() }}) as valid_to
    from source

)

select * from renamed
