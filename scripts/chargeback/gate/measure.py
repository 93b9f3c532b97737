"""Runs the SQL of the checks: what is observed, the money at stake, and who can fix it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from chargeback.errors import ChargebackError
from chargeback.gate.checks import Check, Row
from chargeback.gate.results import Limit, Measurement, Offender, Severity
from chargeback.gate.settings import CheckSettings
from chargeback.prices.unpriced import nearest_names
from chargeback.warehouse import Warehouse

EVENTS = "fct_usage_events"
SEEDS = ("tag_requirements",)
PRICES = "int_prices_pivoted"


@dataclass(frozen=True)
class Schemas:
    """Names of the schemas, and the moment that ages count from (UTC, without a zone).

    `database` goes before each schema: a DuckDB file and its schema may have the same name, and
    then the schema's name alone is ambiguous.
    """

    marts: str
    raw: str
    as_of: datetime
    sources_off: tuple[str, ...] = ()
    """Sources that dbt's vars switch off."""
    database: str = ""

    @property
    def staging(self) -> str:
        """Schema of dbt's staging models."""
        return f"{self.marts}_staging"

    @property
    def intermediate(self) -> str:
        """Schema of dbt's intermediate models."""
        return f"{self.marts}_intermediate"

    @property
    def seeds(self) -> str:
        """Schema of dbt's seeds."""
        return f"{self.marts}_seeds"

    def sql(self, schema: str) -> str:
        """A schema as SQL names it."""
        return ".".join(_quoted(name) for name in (self.database, schema) if name)


@dataclass(frozen=True)
class Measured:
    """Everything that was measured, and the owner to turn to when no team is named."""

    measurements: list[Measurement]
    sql: dict[str, str]
    """The SQL of each check as it was run, by check key."""
    platform_owner: str


def utc_naive(moment: datetime) -> datetime:
    """A moment as the warehouse stores it: UTC, without a zone. A naive moment is taken as UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def fill_sql(sql: str, settings: CheckSettings, schemas: Schemas) -> str:
    """Put schemas, options and time into a check's SQL."""
    return sql.format(
        marts=schemas.sql(schemas.marts),
        staging=schemas.sql(schemas.staging),
        intermediate=schemas.sql(schemas.intermediate),
        seeds=schemas.sql(schemas.seeds),
        raw=schemas.sql(schemas.raw),
        # `in ()` is no SQL; no source has an empty name.
        sources_off=", ".join(_text(name) for name in schemas.sources_off or ("",)),
        as_of=schemas.as_of.strftime("%Y-%m-%d %H:%M:%S"),
        **dict(settings.options),
    ).strip()


def measure(warehouse: Warehouse, settings: Sequence[CheckSettings], schemas: Schemas) -> Measured:
    """Measure every check.

    Raises ChargebackError when marts are missing or there is no event to judge.
    """
    schemas = replace(schemas, database=warehouse.database)
    require_marts(warehouse, settings, schemas)
    require_events(warehouse, schemas)
    platform = platform_owner(warehouse, schemas)
    measurements = []
    sql = {}
    for one in settings:
        query = fill_sql(one.check.sql, one, schemas)
        sql[one.check.key] = query
        measurements += _measure_check(warehouse, one, query, schemas, platform)
    return Measured(measurements, sql, platform)


def require_marts(
    warehouse: Warehouse, settings: Sequence[CheckSettings], schemas: Schemas
) -> None:
    """Raise ChargebackError naming the marts and seeds that are not there."""
    marts = sorted({EVENTS, *(name for one in settings for name in one.check.needs)})
    missing = [
        f"{schemas.marts}.{name}"
        for name in marts
        if not warehouse.has_relation(schemas.marts, name)
    ]
    if len(missing) == len(marts):
        raise ChargebackError(
            f"schema {schemas.marts} of the warehouse has no marts yet: "
            "run ./scripts/build (or dbt build) first"
        )
    for schema, models in (
        (schemas.staging, {name for one in settings for name in one.check.needs_staging}),
        (schemas.intermediate, {name for one in settings for name in one.check.needs_intermediate}),
    ):
        missing += [
            f"{schema}.{name}"
            for name in sorted(models)
            if not warehouse.has_relation(schema, name)
        ]
    if any(one.check.has_targets for one in settings):
        missing += [
            f"{schemas.seeds}.{name}"
            for name in SEEDS
            if not warehouse.has_relation(schemas.seeds, name)
        ]
    if missing:
        raise ChargebackError(
            f"the warehouse has no {', '.join(missing)}: run ./scripts/build (or dbt build) first"
        )


def require_events(warehouse: Warehouse, schemas: Schemas) -> None:
    """Raise ChargebackError when there is no usage event, saying what became of the rows."""
    marts = schemas.sql(schemas.marts)
    if warehouse.scalar(
        f"select count(*) from (select 1 from {marts}.{EVENTS} limit 1) as first_event"
    ):
        return
    rows = None
    if warehouse.has_relation(schemas.marts, "fct_row_accounts"):
        rows = warehouse.scalar(f"select sum(row_count) from {marts}.fct_row_accounts")
    if rows:
        raise ChargebackError(
            f"none of the {int(rows):,} rows that were read became a usage event: "
            f"{schemas.marts}.fct_row_accounts and {schemas.raw}.rejects say why"
        )
    raise ChargebackError(
        "the warehouse has no usage events, so there is nothing to check: put logs into "
        "data/raw/<source>/ (or leave it empty for the sample) and run ./scripts/build"
    )


def platform_owner(warehouse: Warehouse, schemas: Schemas) -> str:
    """Owner of the platform team, who fixes what no team can."""
    columns = warehouse.relation_columns(schemas.marts, "dim_teams")
    if "is_platform" in columns:
        owner = warehouse.scalar(
            f"select min(owner) from {schemas.sql(schemas.marts)}.dim_teams where is_platform"
        )
        if owner:
            return str(owner)
    return "the platform team"


def _measure_check(
    warehouse: Warehouse, one: CheckSettings, query: str, schemas: Schemas, platform: str
) -> list[Measurement]:
    rows = _rows(warehouse, query)
    offenders = _offenders(warehouse, one, schemas, platform)
    return [
        Measurement(
            check=one.check.key,
            subject=str(row["subject"]),
            observed=None if row["observed"] is None else float(row["observed"]),
            limits=_limits(one, row),
            money_usd=_decimal(row["money_usd"]),
            note="" if row["observed"] is None else one.check.note(row),
            offenders=tuple(offenders.get(str(row["subject"]), ())),
        )
        for row in rows
    ]


def _limits(one: CheckSettings, row: Row) -> tuple[Limit, ...]:
    if not one.check.has_targets:
        return one.limits
    severity = str(row["severity"])
    if severity not in tuple(Severity):
        raise ChargebackError(
            f"seeds/company/tag_requirements.csv: tag {row['subject']!r} has severity "
            f"{severity!r}; it must be critical or warning"
        )
    return (Limit(Severity(severity), float(row["target"])),)


def _offenders(
    warehouse: Warehouse, one: CheckSettings, schemas: Schemas, platform: str
) -> dict[str, list[Offender]]:
    check: Check = one.check
    if not check.offenders_sql:
        return {}
    if check.offenders_in_raw and not warehouse.has_relation(schemas.raw, check.offenders_in_raw):
        return {}
    found: dict[str, list[Offender]] = {}
    rows = _rows(warehouse, fill_sql(check.offenders_sql, one, schemas))
    if check.names_nearest and rows:
        names = priced_names(warehouse, schemas)
        for row in rows:
            row["nearest"] = nearest_names(str(row["provider"]), str(row["label"]), names)
    for row in rows:
        found.setdefault(str(row["subject"]), []).append(
            Offender(
                label=str(row["label"]) if row["label"] is not None else "(none)",
                note=check.offender_note(row),
                money_usd=_decimal(row["money_usd"]),
                owner=str(row["owner"]) if row["owner"] else platform,
            )
        )
    return found


def priced_names(warehouse: Warehouse, schemas: Schemas) -> list[str]:
    """Models that have a price, the company's own included, as `provider/model`."""
    rows = warehouse.query(
        f"select distinct provider, model_id from {schemas.sql(schemas.intermediate)}.{PRICES} "
        "order by provider, model_id"
    )
    return [f"{provider}/{model}" for provider, model in rows]


def _rows(warehouse: Warehouse, query: str) -> list[Row]:
    rows = warehouse.query(query)
    return [dict(zip(warehouse.columns, row, strict=True)) for row in rows]


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
