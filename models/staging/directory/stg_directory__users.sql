with source as (

    -- A later export says again what an earlier one said, perhaps with an end.
    select
        *,
        row_number() over (
            partition by user_id, coalesce(valid_from, {{ first_timestamp() }})
            order by _load_id desc, _line_number desc
        ) as version_rank
    from {{ raw_source('directory', 'users') }}

),

renamed as (

    select
        ---------- ids
        user_id,
        nullif(trim(team_id), '') as team_tag,

        ---------- strings
        nullif(trim(user_name), '') as user_name,

        ---------- timestamps
        coalesce(valid_from, {{ first_timestamp() }}) as valid_from,
        coalesce(valid_to, {{ last_timestamp() }}) as valid_to
    from source
    where version_rank = 1

)

select * from renamed
