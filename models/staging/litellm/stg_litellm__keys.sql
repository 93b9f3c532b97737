with source as (

    select
        *,
        row_number() over (
            partition by token
            order by updated_at desc nulls last, _load_id desc, _line_number desc
        ) as version_rank
    from {{ raw_source('litellm', 'keys') }}

),

renamed as (

    select
        ---------- ids
        token as api_key_id,
        nullif(user_id, '') as user_id,
        nullif(team_id, '') as litellm_team_id,

        ---------- strings
        nullif(key_alias, '') as api_key_alias,

        ---------- timestamps
        created_at,
        expires as expires_at
    from source
    where version_rank = 1

)

select * from renamed
