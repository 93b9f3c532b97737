with source as (

    select * from {{ raw_source('directory', 'api_keys') }}

),

renamed as (

    select distinct
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

)

select * from renamed
