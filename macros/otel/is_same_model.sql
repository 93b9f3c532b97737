{% macro is_same_model(asked, other_asked, answered, other_answered) -%}
    {#- The condition that two spans without response ids to compare may tell a call of one model.

        They do when they asked for the same model, or the same one answered; where a name isn't
        known, nothing speaks against it.

        Arguments:
            asked: SQL text expression, the model asked for, else the one that answered.
            other_asked: the same of the other span.
            answered: SQL text expression, the model that answered, else the one asked for.
            other_answered: the same of the other span.
    -#}
    (
        coalesce(
            {{ llm_chargeback.model_family(asked) }} = {{ llm_chargeback.model_family(other_asked) }},
            true
        )
        or coalesce(
            {{ llm_chargeback.model_family(answered) }} = {{ llm_chargeback.model_family(other_answered) }},
            false
        )
    )
{%- endmacro %}

{% macro model_family(name) -%}
    {#- A model's name without what different libraries add to it, only to compare two of them:
        `openai/gpt-4o-2024-08-06` and `gpt-4o` are `gpt-4o`,
        `us.anthropic.claude-sonnet-4-5-20250929-v1:0` is `claude-sonnet-4-5`.

        Provider prefixes go, and a date or a number of three digits or more at the end with what
        follows it, and `latest`.

        Arguments:
            name: SQL text expression.
    -#}
    regexp_replace(
        regexp_replace(lower(trim({{ name }})), '^(.*/)?([a-z-]+[.])*', ''),
        '[-@:](([0-9]{2}-)?[0-9]{3,}([^0-9a-z].*)?|latest)$',
        ''
    )
{%- endmacro %}
