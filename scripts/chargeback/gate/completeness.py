"""Checks that nothing is lost: the account of rows, rejects, freshness."""

from __future__ import annotations

from chargeback.gate.checks import TOKENS, Check, Row, Unit
from chargeback.gate.numbers import short, whole


def _account(row: Row) -> str:
    parts = (
        f"{whole(row['event_count'])} events + {whole(row['duplicate_count'])} duplicates + "
        f"{whole(row['reject_count'])} rejects + {whole(row['other_row_count'])} other"
    )
    return f"{whole(row['row_count'])} rows, but {parts}"


# What a row that is no event would have cost can only be guessed.
_MEAN_COSTS = """
with mean_costs as (
    select
        source_name,
        cast(sum(list_cost_usd) as double precision) / cast(count(*) as double precision)
            as event_cost_usd
    from {marts}.fct_usage_events
    group by source_name
)"""
_AT_MEAN_COST = "at the mean cost of an event of this source"


def _at_mean_cost(count: str) -> str:
    """SQL of what `count` rows cost, to a billionth of a dollar; null where nothing is known."""
    return f"cast({count} * mean_costs.event_cost_usd as numeric(38, 9))"


# The mart's own account, and a second one: what the loader read, and the events that are there now.
_ACCOUNTS = """
with reads as (
    select
        source_name,
        table_name,
        sum(row_count) as row_count
    from {staging}.stg_loads__loads
    group by source_name, table_name
),
found as (
    select
        source_name,
        count(*) as event_count,
        cast(sum(list_cost_usd) as double precision) / cast(count(*) as double precision)
            as event_cost_usd
    from {marts}.fct_usage_events
    group by source_name
),
accounts as (
    select
        accounts.source_name,
        accounts.table_name,
        -- Raw tables that another tool fills have no list of loads.
        coalesce(reads.row_count, accounts.row_count) as row_count,
        coalesce(found.event_count, 0) as event_count,
        accounts.duplicate_count,
        accounts.load_reject_count + accounts.rejected_count as reject_count,
        accounts.other_row_count,
        accounts.difference_count,
        found.event_cost_usd
    from {marts}.fct_row_accounts as accounts
    left join reads
        on accounts.source_name = reads.source_name
        and accounts.table_name = reads.table_name
    left join found
        on accounts.source_name = found.source_name
    where
        accounts.source_name not in ({sources_off})
        -- Of a source that nobody has there is nothing to say.
        and coalesce(reads.row_count, 0) + accounts.row_count > 0
),
differences as (
    select
        *,
        greatest(
            abs(row_count - event_count - duplicate_count - reject_count - other_row_count),
            abs(difference_count)
        ) as lost_count
    from accounts
)
"""

ROW_ACCOUNTS = Check(
    key="row_accounts",
    title="Rows lost, {subject}",
    title_of_many="Rows lost",
    sentence="Rows of {subject} = events + duplicates + rejects + other, but for at most {limit}.",
    none_sentence="Rows of {subject} = events + duplicates + rejects + other.",
    fix="Run `dbt build` after each load; if it stays, ./scripts/build --full-refresh.",
    counted="rows",
    sql=_ACCOUNTS
    + """
select
    source_name as subject,
    sum(lost_count) as observed,
    sum(lost_count) as part,
    sum(row_count) as whole,
    cast(sum(lost_count * event_cost_usd) as numeric(38, 9)) as money_usd
from differences
group by source_name
order by source_name
""",
    note=lambda row: f"of {whole(row['whole'])} rows read",
    offenders_sql=_ACCOUNTS
    + """
select
    source_name as subject,
    table_name as label,
    row_count,
    event_count,
    duplicate_count,
    reject_count,
    other_row_count,
    cast(null as numeric(38, 15)) as money_usd,
    cast(null as text) as owner
from differences
where lost_count <> 0
order by source_name, lost_count desc, table_name
limit 20
""",
    offender_note=_account,
    money_note=_AT_MEAN_COST,
    needs=("fct_row_accounts", "fct_usage_events"),
    needs_staging=("stg_loads__loads",),
)

LOAD_REJECTS = Check(
    key="load_rejects",
    title="Unreadable rows, {subject}",
    title_of_many="Unreadable rows",
    sentence="At most {limit} of the rows of {subject} can't be read.",
    none_sentence="Every row of {subject} can be read.",
    fix="Mend or remove the lines; `raw.rejects` names file, line and reason.",
    unit=Unit.SHARE,
    sql=_MEAN_COSTS
    + f"""
select
    loads.source_name as subject,
    cast(sum(loads.rejected_count) as double precision)
    / nullif(cast(sum(loads.row_count) as double precision), 0) as observed,
    sum(loads.rejected_count) as part,
    sum(loads.row_count) as whole,
    {_at_mean_cost("sum(loads.rejected_count)")} as money_usd
from {{staging}}.stg_loads__loads as loads
left join mean_costs
    on loads.source_name = mean_costs.source_name
group by loads.source_name, mean_costs.event_cost_usd
order by loads.source_name
""",
    note=lambda row: f"{whole(row['part'])} of {whole(row['whole'])} rows",
    offenders_sql="""
with reasons as (
    select
        source,
        reason_code,
        count(*) as reject_count,
        min(file_name) as file_name
    from {raw}.rejects
    group by source, reason_code
),
ranked as (
    select
        *,
        row_number() over (partition by source order by reject_count desc, reason_code) as position
    from reasons
)
select
    source as subject,
    reason_code as label,
    reject_count,
    file_name,
    cast(null as numeric(38, 15)) as money_usd,
    cast(null as text) as owner
from ranked
where position <= 3
order by source, position
""",
    offender_note=lambda row: f"{whole(row['reject_count'])} rows, such as in {row['file_name']}",
    money_note=_AT_MEAN_COST,
    needs=("fct_usage_events",),
    needs_staging=("stg_loads__loads",),
    offenders_in_raw="rejects",
)

EVENT_REJECTS = Check(
    key="event_rejects",
    title="Impossible rows, {subject}",
    title_of_many="Impossible rows",
    sentence="At most {limit} of the rows of {subject} are read but can't be an event.",
    none_sentence="Every row of {subject} that is read can be an event.",
    fix="Mend the logger; fct_rejected_events names each row and its reason.",
    unit=Unit.SHARE,
    sql=_MEAN_COSTS
    + f"""
select
    accounts.source_name as subject,
    cast(sum(accounts.rejected_count) as double precision)
    / nullif(cast(sum(accounts.row_count) as double precision), 0) as observed,
    sum(accounts.rejected_count) as part,
    sum(accounts.row_count) as whole,
    {_at_mean_cost("sum(accounts.rejected_count)")} as money_usd
from {{marts}}.fct_row_accounts as accounts
left join mean_costs
    on accounts.source_name = mean_costs.source_name
where accounts.row_count > 0
group by accounts.source_name, mean_costs.event_cost_usd
order by accounts.source_name
""",
    note=lambda row: f"{whole(row['part'])} of {whole(row['whole'])} rows",
    offenders_sql="""
with reasons as (
    select
        source_name,
        reject_reason,
        count(*) as reject_count
    from {marts}.fct_rejected_events
    group by source_name, reject_reason
),
ranked as (
    select
        *,
        row_number() over (
            partition by source_name order by reject_count desc, reject_reason
        ) as position
    from reasons
)
select
    source_name as subject,
    reject_reason as label,
    reject_count,
    cast(null as numeric(38, 15)) as money_usd,
    cast(null as text) as owner
from ranked
where position <= 3
order by source_name, position
""",
    offender_note=lambda row: f"{whole(row['reject_count'])} rows",
    money_note=_AT_MEAN_COST,
    needs=("fct_row_accounts", "fct_rejected_events", "fct_usage_events"),
)

# A span that no call came of is explained when a call of a model began inside it: an agent, a chain
# or a framework repeats what its calls used.
_UNBILLED_SPANS = """
with spans as (
    select
        trace_id,
        operation,
        operation not in ('execute_tool', 'retrieval', 'retrieval_write', 'storage')
            as is_model_call,
        scope_name,
        started_at,
        coalesce(ended_at, started_at) as ended_at,
        coalesce(input_tokens, 0) + coalesce(output_tokens, 0) as token_count,
        load_id,
        line_number
    from {intermediate}.int_otel_spans_inherited
),
known as (
    select load_id, line_number
    from {marts}.fct_usage_events
    where source_name = 'otel'
    union all
    select load_id, line_number
    from {marts}.fct_duplicate_events
    where source_name = 'otel'
    union all
    select load_id, line_number
    from {marts}.fct_rejected_events
    where source_name = 'otel'
),
marked as (
    select
        spans.*,
        known.load_id is not null as is_known
    from spans
    left join known
        on spans.load_id = known.load_id
        and spans.line_number = known.line_number
),
unbilled as (
    select *
    from marked
    where
        token_count > 0
        and not is_known
        and not exists (
            select 1
            from marked as calls
            where
                calls.is_known
                and calls.is_model_call
                and calls.trace_id = marked.trace_id
                and calls.started_at >= marked.started_at
                and calls.started_at <= marked.ended_at
        )
),
mean_prices as (
    select
        cast(sum(list_cost_usd) as double precision)
        / nullif(cast(sum(<tokens>) as double precision), 0) as token_price_usd
    from {marts}.fct_usage_events
    where pricing_status = 'priced'
)
""".replace("<tokens>", TOKENS)

UNBILLED_SPANS = Check(
    key="unbilled_spans",
    title="Spans with lost tokens",
    sentence="At most {limit} have tokens, but became no event, duplicate or reject.",
    none_sentence="Every span that has tokens is an event, a duplicate, a reject or around a call.",
    fix=(
        "Teach macros/otel/otel_operation.sql the operation. Where another source logs these "
        "calls, turn the check off."
    ),
    counted="spans",
    sql=_UNBILLED_SPANS
    + """
select
    'otel' as subject,
    count(*) as observed,
    coalesce(sum(unbilled.token_count), 0) as part,
    cast(null as bigint) as whole,
    coalesce(
        cast(sum(unbilled.token_count * mean_prices.token_price_usd) as numeric(38, 9)), 0
    ) as money_usd
from unbilled
cross join mean_prices
""",
    note=lambda row: f"{short(row['part'])} tokens",
    offenders_sql=_UNBILLED_SPANS
    + """
select
    'otel' as subject,
    coalesce(unbilled.operation, 'no operation') as label,
    coalesce(unbilled.scope_name, 'an unnamed scope') as scope_name,
    count(*) as span_count,
    sum(unbilled.token_count) as token_count,
    cast(
        sum(unbilled.token_count * mean_prices.token_price_usd) as numeric(38, 9)
    ) as money_usd,
    cast(null as text) as owner
from unbilled
cross join mean_prices
group by unbilled.operation, unbilled.scope_name
order by sum(unbilled.token_count) desc, unbilled.operation, unbilled.scope_name
limit 5
""",
    offender_note=lambda row: (
        f"{whole(row['span_count'])} spans of {row['scope_name']}, "
        f"{short(row['token_count'])} tokens"
    ),
    money_note="at the mean price of a token",
    needs=("fct_usage_events", "fct_duplicate_events", "fct_rejected_events"),
    needs_intermediate=("int_otel_spans_inherited",),
)

FRESHNESS = Check(
    key="freshness",
    title="Newest event, {subject}",
    title_of_many="Newest event",
    sentence="The newest event of {subject} is at most {limit} old.",
    fix="Look at the export of this source, then run `chargeback load` and dbt again.",
    unit=Unit.HOURS,
    sql="""
with past_events as (
    -- A wrong clock must not make a source look fresh.
    select
        source_name,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        count(*) as event_count,
        cast(sum(list_cost_usd) as double precision) as cost_usd
    from {marts}.fct_usage_events
    where event_at <= timestamp '{as_of}'
    group by source_name
),
ages as (
    select
        *,
        cast(extract(epoch from (timestamp '{as_of}' - last_event_at)) as double precision)
        / 3600 as age_hours,
        -- Whole days, as an hour of calls says nothing about nights and weekends.
        cast(cast(last_event_at as date) - cast(first_event_at as date) + 1 as double precision)
        as covered_days
    from past_events
)
select
    source_name as subject,
    age_hours as observed,
    last_event_at as part,
    event_count as whole,
    cast(age_hours / 24 * cost_usd / covered_days as numeric(38, 9)) as money_usd
from ages
order by source_name
""",
    note=lambda row: f"{row['part']:%Y-%m-%d %H:%M} UTC",
    money_note="at the mean cost of a day of this source",
    needs=("fct_usage_events",),
)

CHECKS = (ROW_ACCOUNTS, LOAD_REJECTS, EVENT_REJECTS, UNBILLED_SPANS, FRESHNESS)
