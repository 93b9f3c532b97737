with source as (

    select
        *,
        row_number() over (
            partition by invoice_id, line_id
            order by _load_id desc, _line_number desc
        ) as version_rank
    from {{ raw_source('finance', 'invoice_lines') }}

),

renamed as (

    select
        ---------- ids
        invoice_id,
        line_id,

        ---------- strings
        {{ text_key('provider') }} as provider_name,
        period,
        service,
        description,
        upper(nullif(trim(currency), '')) as currency,
        {{ text_key('line_kind') }} as line_kind,

        ---------- numerics
        {{ money('amount') }} as amount,

        ---------- timestamps
        issued_at
    from source
    where version_rank = 1

)

select * from renamed
