"""Asks Great Expectations for the verdict: one query asset per check, one expectation per limit.

Great Expectations runs the SQL of a check as a sub-query and fetches one aggregate; no event leaves
the warehouse.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chargeback.errors import ChargebackError
from chargeback.gate.catalog import BY_KEY
from chargeback.gate.checks import Check
from chargeback.gate.measure import Measured
from chargeback.gate.quiet import quiet_great_expectations
from chargeback.gate.results import Limit, Measurement, Verdict, conclude
from chargeback.gate.words import fixers, money_text, sentence
from chargeback.project import Project
from chargeback.warehouse import DUCKDB

_DATASOURCE = "warehouse"
_SITE = "quality_gate"
_COLUMN = "observed"


@dataclass(frozen=True)
class _Expected:
    """An expectation on its way through Great Expectations."""

    measurement: Measurement
    limit: Limit
    id: str


def validate(project: Project, measured: Measured, site_dir: Path) -> list[Verdict]:
    """Validate every measurement and write the Data Docs into `site_dir`.

    The warehouse must not be open in this process. Raises ChargebackError when Great Expectations
    can't run a query.
    """
    with quiet_great_expectations(), _context(project) as (context, datasource):
        expected: dict[str, list[_Expected]] = {}
        definitions = []
        for key, measurements in _by_check(measured).items():
            definition, of_check = _define(context, datasource, key, measurements, measured)
            expected[key] = of_check
            if definition is not None:
                definitions.append(definition)
        met = _run(context, definitions)
        pages = _build_site(context, site_dir)
    verdicts = []
    for measurement in measured.measurements:
        outcomes = [
            (one.limit, met[one.id])
            for one in expected[measurement.check]
            if one.measurement is measurement
        ]
        verdicts.append(conclude(measurement, outcomes).with_page(pages.get(measurement.check)))
    return verdicts


def _by_check(measured: Measured) -> dict[str, list[Measurement]]:
    groups: dict[str, list[Measurement]] = {}
    for measurement in measured.measurements:
        groups.setdefault(measurement.check, []).append(measurement)
    return groups


@contextmanager
def _context(project: Project) -> Iterator[tuple[Any, Any]]:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    datasource = context.data_sources.add_sql(_DATASOURCE, **_connection(project))
    try:
        yield context, datasource
    finally:
        # Two engines: one tests the connection, one runs the queries. A file that stays open
        # could not be written by the next command in this process.
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()


def _connection(project: Project) -> dict[str, Any]:
    """How SQLAlchemy reaches the target. Paths and passwords stay out of the connection string."""
    if project.profile.get("type") == DUCKDB:
        from chargeback.gate import duckdb_readonly

        duckdb_readonly.register()
        arguments = {"database": str(project.duckdb_path), "read_only": True}
        return {
            "connection_string": duckdb_readonly.URL,
            "create_temp_table": False,
            "kwargs": {"connect_args": arguments},
        }
    profile = project.profile
    options = "-c timezone=UTC -c default_transaction_read_only=on"
    if profile.get("role"):
        options += f" -c role={_option(str(profile['role']))}"
    settings = {
        "host": profile.get("host"),
        "port": profile.get("port"),
        "user": profile.get("user"),
        "password": profile.get("password", profile.get("pass")),
        "dbname": profile.get("dbname", profile.get("database")),
        "sslmode": profile.get("sslmode"),
        "options": options,
    }
    arguments = {name: value for name, value in settings.items() if value not in (None, "")}
    return {
        "connection_string": "postgresql+psycopg://",
        "create_temp_table": False,
        "kwargs": {"connect_args": arguments},
    }


def _option(value: str) -> str:
    """A value in libpq's `options`, where a space ends it."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def _define(
    context: Any, datasource: Any, key: str, measurements: Sequence[Measurement], measured: Measured
) -> tuple[Any, list[_Expected]]:
    import great_expectations as gx

    check = BY_KEY[key]
    # Great Expectations takes a query only if its first word is select.
    query = f"select * from (\n{measured.sql[key]}\n) as measured"
    asset = datasource.add_query_asset(name=key, query=query)
    batch = asset.add_batch_definition(name="all")
    suite = context.suites.add(gx.ExpectationSuite(name=key))
    expected = []
    for measurement in measurements:
        if measurement.observed is None:
            continue
        for limit in measurement.limits:
            added = suite.add_expectation(_expectation(check, measurement, limit, measured))
            expected.append(_Expected(measurement, limit, added.id))
    if not expected:
        return None, []
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=key, data=batch, suite=suite)
    )
    return definition, expected


def _expectation(check: Check, measurement: Measurement, limit: Limit, measured: Measured) -> Any:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    # One row a subject: its maximum is its value.
    bounds = {"min_value": limit.value} if check.at_least else {"max_value": limit.value}
    return gxe.ExpectColumnMaxToBeBetween(
        column=_COLUMN,
        row_condition=Column("subject") == measurement.subject,
        severity=str(limit.severity),
        description=_description(check, measurement, limit, measured.platform_owner),
        meta={"check": check.key, "subject": measurement.subject},
        **bounds,
    )


def _description(check: Check, measurement: Measurement, limit: Limit, platform_owner: str) -> str:
    """The sentence in the Data Docs, which print it as HTML and fill in `$names`."""
    parts = [
        sentence(check, measurement, limit),
        f"Severity: {limit.severity}.",
    ]
    if measurement.note:
        parts.append(f"Here, {measurement.note}.")
    if measurement.money_usd:
        parts.append(f"At stake: {money_text(check, measurement)}.")
    parts.append(f"Can fix it: {', '.join(fixers(measurement, platform_owner))}.")
    return html.escape(" ".join(parts)).replace("$", "&#36;")


def _run(context: Any, definitions: Sequence[Any]) -> dict[str, bool]:
    """Whether each expectation was met, by its id."""
    import great_expectations as gx

    if not definitions:
        return {}
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name="quality_gate",
            validation_definitions=list(definitions),
            result_format="SUMMARY",
        )
    )
    met = {}
    for run in checkpoint.run(run_id=_run_id()).run_results.values():
        for result in run.results:
            _raise_on_exception(result)
            met[result.expectation_config.id] = bool(result.success)
    return met


def _run_id() -> Any:
    from great_expectations.core.run_identifier import RunIdentifier

    return RunIdentifier(run_name="run")


def _raise_on_exception(result: Any) -> None:
    info = result.exception_info or {}
    infos = [info] if "raised_exception" in info else list(info.values())
    for one in infos:
        if one.get("raised_exception"):
            check = (result.expectation_config.meta or {}).get("check", "a check")
            lines = str(one.get("exception_message") or "no message").strip().splitlines()
            raise ChargebackError(f"quality gate: {check} could not be run: {lines[0]}")


def _build_site(context: Any, site_dir: Path) -> dict[str, str]:
    """Write the Data Docs; returns the page of each check, relative to the site."""
    context.add_data_docs_site(
        site_name=_SITE,
        site_config={
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(site_dir),
            },
        },
    )
    context.build_data_docs(site_names=[_SITE])
    return {
        page.relative_to(site_dir / "validations").parts[0]: page.relative_to(site_dir).as_posix()
        for page in sorted((site_dir / "validations").rglob("*.html"))
    }
