{% test unique_name(model, column_name) %}
    {#- A name is there once, whatever its case and the spaces around it: look-ups see no difference,
        so a second row could double what is looked up. -#}
    select
        {{ text_key(column_name) }} as name,
        count(*) as row_count,
        min({{ column_name }}) as first_spelling,
        max({{ column_name }}) as last_spelling
    from {{ model }}
    where {{ text_key(column_name) }} is not null
    group by {{ text_key(column_name) }}
    having count(*) > 1
{% endtest %}
