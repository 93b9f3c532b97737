{% macro provider_account(column, kinds, otherwise=none) -%}
    {#- A column of the seed `provider_accounts`, of the most special row that fits.

        Arguments:
            column: billed_by or team_id.
            kinds: the aliases of `provider_account_joins`, the most special first, `provider` last.
            otherwise: SQL expression where no row fits; none: null.
    -#}
    coalesce(
        {%- for kind in kinds %}{{ kind }}_accounts.{{ column }}, {% endfor -%}
        {{ otherwise or 'null' }})
{%- endmacro %}

{% macro provider_account_joins(provider, moment, accounts) -%}
    {#- Joins to the accounts of a provider as of a moment, for `provider_account`; a row stays one.

        Arguments:
            provider: as in the seed `provider_accounts`.
            moment: SQL timestamp expression.
            accounts: dictionary of alias -> SQL text expression of the account.
    -#}
    {%- set kinds = dict(accounts) -%}
    {%- do kinds.update({'provider': "''"}) -%}
    {%- for kind, account in kinds.items() %}
    left join accounts as {{ kind }}_accounts
        on
            '{{ provider }}/' || {{ account if kind == 'provider' else llm_chargeback.text_key(account) }}
            = {{ kind }}_accounts.account_key
            and {{ moment }} >= {{ kind }}_accounts.valid_from
            and {{ moment }} < {{ kind }}_accounts.valid_to
    {%- endfor %}
{%- endmacro %}
