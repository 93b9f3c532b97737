"""Checks on the money itself: prices, estimates, conservation, sign."""

from __future__ import annotations

from chargeback.gate.checks import TOKENS, Check, Row, Unit
from chargeback.gate.numbers import money, percent, short, whole

# What such a call costs is a guess: what its source reports, which is 0 for what it does not know;
# else its tokens at the mean price of the tokens that have one.
_UNPRICED = """
with measured as (
    select
        provider,
        model_id,
        service_tier,
        pricing_status = 'unpriced' as is_unpriced,
        <tokens> as token_count,
        list_cost_usd,
        nullif(reported_cost_usd, 0) as reported_cost_usd
    from {marts}.fct_usage_events
    where pricing_status in ('priced', 'unpriced')
),
offers as (
    select
        provider,
        model_id,
        service_tier,
        is_unpriced,
        count(*) as event_count,
        sum(token_count) as token_count,
        sum(reported_cost_usd) as reported_cost_usd,
        sum(case when reported_cost_usd is null then token_count end) as unreported_token_count,
        sum(case when token_count > 0 then list_cost_usd end) as token_cost_usd
    from measured
    group by provider, model_id, service_tier, is_unpriced
),
mean_prices as (
    select
        cast(sum(token_cost_usd) as double precision)
        / nullif(cast(sum(token_count) as double precision), 0) as token_price_usd
    from offers
    where not is_unpriced
),
billable as (
    select
        offers.*,
        -- Zero would claim that it costs nothing: not known is null.
        nullif(
            coalesce(offers.reported_cost_usd, 0)
            + coalesce(
                cast(
                    offers.unreported_token_count * mean_prices.token_price_usd
                    as numeric(38, 9)
                ),
                0
            ),
            0
        ) as guessed_cost_usd
    from offers
    cross join mean_prices
)
""".replace("<tokens>", TOKENS)

_UNPRICED_SHARE = (
    _UNPRICED
    + """
select
    'all events' as subject,
    cast(sum(case when is_unpriced then %(measure)s else 0 end) as double precision)
    / nullif(cast(sum(%(measure)s) as double precision), 0) as observed,
    sum(case when is_unpriced then %(measure)s else 0 end) as part,
    sum(%(measure)s) as whole,
    sum(case when is_unpriced then guessed_cost_usd end) as money_usd
from billable
"""
)

_UNPRICED_MODELS = (
    _UNPRICED
    + """
select
    'all events' as subject,
    provider,
    service_tier,
    model_id as label,
    event_count,
    token_count,
    %(measure)s as part,
    (select sum(%(measure)s) from billable) as whole,
    guessed_cost_usd as money_usd,
    cast(null as text) as owner
from billable
where is_unpriced
order by %(measure)s desc, provider, model_id, service_tier
limit 5
"""
)

# A name leads to these models, so their price was there when the name was made.
_LOST = (
    _UNPRICED
    + """,
named as (
    select
        provider,
        model_id
    from {intermediate}.int_models_resolved
    where match_type not in ('none', 'ambiguous')
    union
    select
        provider,
        model_id
    from {intermediate}.int_model_names
),
lost as (
    select
        billable.provider,
        billable.model_id,
        sum(billable.event_count) as event_count,
        sum(billable.token_count) as token_count,
        sum(billable.guessed_cost_usd) as guessed_cost_usd
    from billable
    inner join named
        on billable.provider = named.provider
        and billable.model_id = named.model_id
    where
        billable.is_unpriced
        and not exists (
            select 1
            from {intermediate}.int_prices_pivoted as prices
            where
                prices.provider = billable.provider
                and prices.model_id = billable.model_id
        )
    group by billable.provider, billable.model_id
)
"""
)

# Several models fit the name equally well: no price, rather than a guess.
_AMBIGUOUS = (
    _UNPRICED
    + """,
candidates as (
    select
        provider,
        model_id,
        min(candidate_model) as candidate_model,
        max(other_candidate_model) as other_candidate_model
    from {intermediate}.int_models_resolved
    where match_type = 'ambiguous'
    group by provider, model_id
),
ambiguous as (
    select
        billable.provider,
        billable.model_id,
        candidates.candidate_model,
        candidates.other_candidate_model,
        sum(billable.event_count) as event_count,
        sum(billable.token_count) as token_count,
        sum(billable.guessed_cost_usd) as guessed_cost_usd
    from billable
    inner join candidates
        on billable.provider = candidates.provider
        and billable.model_id = candidates.model_id
    where billable.is_unpriced
    group by
        billable.provider,
        billable.model_id,
        candidates.candidate_model,
        candidates.other_candidate_model
)
"""
)

_REPORTED = "as far as the sources report it"
_GUESSED = "as the sources report it, else at the mean price of a token"

_PRICE_FIX = (
    "Run `chargeback prices check --warehouse`, then refresh the price book or map the name in "
    "seeds/company/model_deployments.csv."
)


def _nearest(row: Row) -> str:
    """What may be meant, or that nothing is called so."""
    names = ", ".join(row["nearest"])
    return f"priced and called alike: {names}" if names else "no priced model is called alike"


UNPRICED_MODELS = Check(
    key="unpriced_models",
    title="Models that lost their price",
    sentence="At most {limit} in use are known by name but have no price.",
    none_sentence="Every model in use that is known by name has a price.",
    fix=(
        "Put its rows back into seeds/reference/price_book.csv (`chargeback prices refresh`) or "
        "price it in seeds/company/price_overrides.csv; if another model is meant, map the name "
        "in seeds/company/model_deployments.csv. Then `chargeback build`."
    ),
    counted="models",
    sql=_LOST
    + """
select
    'all events' as subject,
    count(*) as observed,
    coalesce(sum(token_count), 0) as part,
    (select sum(token_count) from billable) as whole,
    sum(guessed_cost_usd) as money_usd
from lost
""",
    note=lambda row: (
        f"{short(row['part'])} of {short(row['whole'])} tokens"
        if row["observed"]
        else "of all models"
    ),
    offenders_sql=_LOST
    + """
select
    'all events' as subject,
    provider,
    model_id as label,
    event_count,
    token_count,
    (select sum(token_count) from billable) as whole,
    guessed_cost_usd as money_usd,
    cast(null as text) as owner
from lost
order by token_count desc, event_count desc, provider, model_id
limit 5
""",
    offender_note=lambda row: (
        f"{row['provider']}, {short(row['token_count'])} tokens "
        f"({percent(row['token_count'] / row['whole'] if row['whole'] else None)}), "
        f"{whole(row['event_count'])} events, {_nearest(row)}"
    ),
    names_nearest=True,
    money_note=_GUESSED,
    needs=("fct_usage_events",),
    needs_intermediate=("int_models_resolved", "int_model_names", "int_prices_pivoted"),
)

AMBIGUOUS_MODELS = Check(
    key="ambiguous_models",
    title="Names that mean several models",
    sentence="At most {limit} names in use may mean several models.",
    none_sentence="Every name in use means one model.",
    fix=(
        "Say which one is meant in seeds/company/model_deployments.csv, or give one of the "
        "patterns in seeds/reference/model_aliases.csv a lower priority. Then `chargeback build`."
    ),
    counted="names",
    sql=_AMBIGUOUS
    + """
select
    'all events' as subject,
    count(*) as observed,
    coalesce(sum(event_count), 0) as part,
    sum(guessed_cost_usd) as money_usd
from ambiguous
""",
    note=lambda row: (
        f"{whole(row['part'])} events without a price" if row["observed"] else "of all names"
    ),
    offenders_sql=_AMBIGUOUS
    + """
select
    'all events' as subject,
    provider,
    model_id as label,
    event_count,
    token_count,
    candidate_model,
    other_candidate_model,
    guessed_cost_usd as money_usd,
    cast(null as text) as owner
from ambiguous
order by token_count desc, event_count desc, provider, model_id
limit 5
""",
    offender_note=lambda row: (
        f"{row['provider']}, {short(row['token_count'])} tokens, "
        f"{whole(row['event_count'])} events, "
        f"means {row['candidate_model']} or {row['other_candidate_model']}"
    ),
    money_note=_GUESSED,
    needs=("fct_usage_events",),
    needs_intermediate=("int_models_resolved",),
)

UNPRICED_EVENTS = Check(
    key="unpriced_events",
    title="Events without a price",
    sentence="At most {limit} of billable events have no price.",
    none_sentence="Every billable event has a price.",
    fix=_PRICE_FIX,
    unit=Unit.SHARE,
    sql=_UNPRICED_SHARE % {"measure": "event_count"},
    note=lambda row: f"{whole(row['part'])} of {whole(row['whole'])} events",
    offenders_sql=_UNPRICED_MODELS % {"measure": "event_count"},
    offender_note=lambda row: (
        f"{row['provider']} {row['service_tier']}, {whole(row['event_count'])} events "
        f"({percent(row['part'] / row['whole'])}), {short(row['token_count'])} tokens, "
        f"{_nearest(row)}"
    ),
    names_nearest=True,
    money_note=_GUESSED,
    needs=("fct_usage_events",),
    needs_intermediate=("int_prices_pivoted",),
)

UNPRICED_TOKENS = Check(
    key="unpriced_tokens",
    title="Tokens without a price",
    sentence="At most {limit} of billable tokens have no price.",
    none_sentence="Every billable token has a price.",
    fix=_PRICE_FIX,
    unit=Unit.SHARE,
    sql=_UNPRICED_SHARE % {"measure": "token_count"},
    note=lambda row: f"{short(row['part'])} of {short(row['whole'])} tokens",
    offenders_sql=_UNPRICED_MODELS % {"measure": "token_count"},
    offender_note=lambda row: (
        f"{row['provider']} {row['service_tier']}, {short(row['token_count'])} tokens "
        f"({percent(row['part'] / row['whole'] if row['whole'] else None)}), "
        f"{whole(row['event_count'])} events, {_nearest(row)}"
    ),
    names_nearest=True,
    money_note=_GUESSED,
    needs=("fct_usage_events",),
    needs_intermediate=("int_prices_pivoted",),
)

ESTIMATED_COST = Check(
    key="estimated_cost",
    title="Estimated cost",
    sentence="At most {limit} of the list cost comes from estimated token counts.",
    none_sentence="No list cost comes from estimated token counts.",
    fix="Turn on usage reporting in the client (for streams: include usage).",
    unit=Unit.SHARE,
    sql="""
select
    'all events' as subject,
    cast(sum(coalesce(estimated_cost_usd, 0)) as double precision)
    / nullif(cast(sum(list_cost_usd) as double precision), 0) as observed,
    sum(coalesce(estimated_cost_usd, 0)) as part,
    sum(list_cost_usd) as whole,
    sum(coalesce(estimated_cost_usd, 0)) as money_usd
from {marts}.fct_team_daily_costs
""",
    note=lambda row: f"{money(row['part'])} of {money(row['whole'])}",
    offenders_sql="""
select
    'all events' as subject,
    coalesce(min(owners.team_name), costs.team_id) as label,
    sum(costs.estimated_event_count) as event_count,
    sum(costs.estimated_cost_usd) as money_usd,
    min(owners.owner) as owner
from {marts}.fct_team_daily_costs as costs
left join {marts}.dim_teams as owners
    on costs.team_id = owners.team_id
group by costs.team_id
having sum(costs.estimated_cost_usd) > 0
order by sum(costs.estimated_cost_usd) desc, costs.team_id
limit 3
""",
    offender_note=lambda row: f"{whole(row['event_count'])} estimated events",
    needs=("fct_team_daily_costs", "dim_teams"),
)

UNCOUNTED_CALLS = Check(
    key="uncounted_calls",
    title="Calls without counts",
    sentence="At most {limit} of successful calls have neither token counts nor text lengths.",
    none_sentence="Every successful call has token counts or text lengths.",
    fix="Turn on usage reporting in the client (for streams: include usage).",
    unit=Unit.SHARE,
    sql="""
select
    'all events' as subject,
    cast(sum(case when usage_source = 'missing' then 1 else 0 end) as double precision)
    / nullif(cast(count(*) as double precision), 0) as observed,
    sum(case when usage_source = 'missing' then 1 else 0 end) as part,
    count(*) as whole,
    sum(case when usage_source = 'missing' then nullif(reported_cost_usd, 0) end) as money_usd
from {marts}.fct_usage_events
where status = 'success'
""",
    note=lambda row: f"{whole(row['part'])} of {whole(row['whole'])} calls",
    offenders_sql="""
select
    'all events' as subject,
    source_name,
    model_id as label,
    count(*) as event_count,
    sum(nullif(reported_cost_usd, 0)) as money_usd,
    cast(null as text) as owner
from {marts}.fct_usage_events
where status = 'success' and usage_source = 'missing'
group by source_name, model_id
order by count(*) desc, source_name, model_id
limit 3
""",
    offender_note=lambda row: f"{whole(row['event_count'])} calls from {row['source_name']}",
    money_note=_REPORTED,
    needs=("fct_usage_events",),
)

FREE_HERE = Check(
    key="free_here",
    title="Events free here only",
    sentence="At most {limit} cost nothing here while their source says they cost something.",
    none_sentence="Every event that costs something by its source has a list cost.",
    fix="Look for a price of 0 in the price book, or for quantities that were not logged.",
    counted="events",
    sql="""
select
    'all events' as subject,
    count(*) as observed,
    count(*) as part,
    cast(null as bigint) as whole,
    coalesce(sum(reported_cost_usd), 0) as money_usd
from {marts}.fct_usage_events
where list_cost_usd = 0 and reported_cost_usd > 0
""",
    offenders_sql="""
select
    'all events' as subject,
    provider,
    model_id as label,
    pricing_status,
    source_name,
    count(*) as event_count,
    sum(reported_cost_usd) as money_usd,
    cast(null as text) as owner
from {marts}.fct_usage_events
where list_cost_usd = 0 and reported_cost_usd > 0
group by provider, model_id, pricing_status, source_name
order by sum(reported_cost_usd) desc, provider, model_id, pricing_status, source_name
limit 5
""",
    offender_note=lambda row: (
        f"{row['provider']}, {whole(row['event_count'])} events from {row['source_name']}, "
        f"{row['pricing_status']}"
    ),
    money_note=_REPORTED,
    needs=("fct_usage_events",),
)

_DIFFERENCES = """
with events as (
    select
        event_date,
        sum(coalesce(list_cost_usd, 0)) as cost_usd
    from {marts}.fct_usage_events
    group by event_date
),
daily as (
    select
        'fct_team_daily_costs' as mart_name,
        event_date,
        sum(coalesce(list_cost_usd, 0)) as cost_usd
    from {marts}.fct_team_daily_costs
    group by event_date
    union all
    select
        'fct_feature_daily_costs' as mart_name,
        event_date,
        sum(coalesce(list_cost_usd, 0)) as cost_usd
    from {marts}.fct_feature_daily_costs
    group by event_date
),
days as (
    select
        marts.mart_name,
        events.event_date,
        events.cost_usd as event_cost_usd,
        0 as mart_cost_usd
    from events
    cross join (
        select 'fct_team_daily_costs' as mart_name
        union all
        select 'fct_feature_daily_costs' as mart_name
    ) as marts
    union all
    select
        mart_name,
        event_date,
        0 as event_cost_usd,
        cost_usd as mart_cost_usd
    from daily
),
differences as (
    select
        mart_name,
        event_date,
        sum(event_cost_usd) as event_cost_usd,
        sum(mart_cost_usd) as mart_cost_usd,
        abs(sum(event_cost_usd) - sum(mart_cost_usd)) as difference_usd
    from days
    group by mart_name, event_date
)
"""

CONSERVATION = Check(
    key="conservation",
    title="Cost in {subject}",
    title_of_many="Cost in the daily marts",
    sentence="{subject} costs as much as the events every day, but for at most {limit}.",
    none_sentence="{subject} costs as much as the events, every day.",
    fix="Rebuild with ./scripts/build --full-refresh; if it stays, report it.",
    counted="days",
    sql=_DIFFERENCES
    + """
select
    mart_name as subject,
    sum(case when difference_usd <> 0 then 1 else 0 end) as observed,
    sum(case when difference_usd <> 0 then 1 else 0 end) as part,
    count(*) as whole,
    sum(difference_usd) as money_usd
from differences
group by mart_name
order by mart_name desc
""",
    note=lambda row: f"of {whole(row['whole'])} days",
    offenders_sql=_DIFFERENCES
    + """
select
    mart_name as subject,
    event_date as label,
    event_cost_usd,
    mart_cost_usd,
    difference_usd as money_usd,
    cast(null as text) as owner
from differences
where difference_usd <> 0
order by mart_name, difference_usd desc, event_date
limit 10
""",
    offender_note=lambda row: (
        f"events {money(row['event_cost_usd'])}, mart {money(row['mart_cost_usd'])}"
    ),
    needs=("fct_usage_events", "fct_team_daily_costs", "fct_feature_daily_costs"),
)

NEGATIVE_COST = Check(
    key="negative_cost",
    title="Negative cost",
    sentence="At most {limit} have a list cost below zero.",
    none_sentence="No event has a list cost below zero.",
    fix="Look for a negative price in seeds/reference/price_book.csv.",
    counted="events",
    sql="""
select
    'all events' as subject,
    count(*) as observed,
    count(*) as part,
    cast(null as bigint) as whole,
    coalesce(-sum(list_cost_usd), 0) as money_usd
from {marts}.fct_usage_events
where list_cost_usd < 0
""",
    offenders_sql="""
select
    'all events' as subject,
    provider,
    model_id as label,
    count(*) as event_count,
    -sum(list_cost_usd) as money_usd,
    cast(null as text) as owner
from {marts}.fct_usage_events
where list_cost_usd < 0
group by provider, model_id
order by sum(list_cost_usd), provider, model_id
limit 3
""",
    offender_note=lambda row: f"{row['provider']}, {whole(row['event_count'])} events",
    needs=("fct_usage_events",),
)

CHECKS = (
    UNPRICED_MODELS,
    AMBIGUOUS_MODELS,
    UNPRICED_EVENTS,
    UNPRICED_TOKENS,
    ESTIMATED_COST,
    UNCOUNTED_CALLS,
    FREE_HERE,
    CONSERVATION,
    NEGATIVE_COST,
)
