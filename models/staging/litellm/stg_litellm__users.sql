with source as (

    select
        *,
        row_number() over (
            partition by user_id
            order by updated_at desc nulls last, _load_id desc, _line_number desc
        ) as version_rank
    from {{ raw_source('litellm', 'users') }}

),

renamed as (

    select
        ---------- ids
        user_id,
        nullif(team_id, '') as litellm_team_id,

        ---------- strings
        nullif(user_alias, '') as user_name,

        ---------- timestamps
        created_at
    from source
    where version_rank = 1

)

select * from renamed
