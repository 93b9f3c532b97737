with source as (

    -- A later export says again what an earlier one said, perhaps with an end.
    select
        *,
        row_number() over (
            partition by api_key, coalesce(valid_from, {{ first_timestamp() }})
            order by _load_id desc, _line_number desc
        ) as version_rank
    from {{ raw_source('directory', 'api_keys') }}

),

renamed as (

    select
        ---------- ids
        api_key as api_key_id,
        nullif(trim(user_id), '') as user_id,
        nullif(trim(team_id), '') as team_tag,

        ---------- strings
        nullif(trim(key_alias), '') as api_key_alias,
        nullif(trim(service_account), '') as service_account,

        ---------- timestamps
        coalesce(valid_from, {{ first_timestamp() }}) as valid_from,
        coalesce(valid_to, {{ last_timestamp() }}) as valid_to
    from source
    where version_rank = 1

)

select * from renamed
