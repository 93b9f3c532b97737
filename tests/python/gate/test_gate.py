"""The gate on a small warehouse: what passes, what each check catches, and what it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from chargeback.cli import app
from chargeback.errors import ChargebackError
from chargeback.gate.catalog import BY_KEY
from chargeback.gate.command import parse_as_of, run_gate
from chargeback.gate.results import Status, Verdict
from chargeback.gate.summary import EXIT_CRITICAL, EXIT_PASSED, Summary
from chargeback.project import Project

AS_OF = datetime(2026, 6, 11)
SITE = Path("target") / "quality_gate"
NO_TAG = (
    "update fct_tag_coverage set missing_event_count = event_count, missing_cost_usd = cost_usd"
)


def gate(project: Project, only: str | None = None, **options: object) -> Summary:
    """Run the gate, with one check when `only` names it: that is much faster."""
    options.setdefault("as_of", AS_OF)
    if only:
        path = project.root / "quality_gate.yml"
        checks = yaml.safe_load(path.read_text(encoding="utf-8"))["checks"]
        for key, check in checks.items():
            check["enabled"] = key == only
        path = project.root / "only.yml"
        path.write_text(yaml.safe_dump({"checks": checks}), encoding="utf-8")
        options["config"] = path
    return run_gate(project, **options)


def verdicts(summary: Summary, check: str) -> dict[str, Verdict]:
    return {
        verdict.measurement.subject: verdict
        for verdict in summary.verdicts
        if verdict.measurement.check == check
    }


def run_command(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["gate", "--as-of", "2026-06-10", *arguments])
    if isinstance(result.exception, ChargebackError):
        return 1, str(result.exception)
    return result.exit_code, result.output


def test_everything_passes(project, change):
    change("update raw.loads set rejected_count = 0")
    summary = gate(project)
    broken = [verdict for verdict in summary.verdicts if verdict.status != Status.PASSED]
    assert broken == []
    assert summary.exit_code == EXIT_PASSED
    assert {verdict.measurement.check for verdict in summary.verdicts} == set(BY_KEY)


def test_a_warning_does_not_fail_the_gate(project):
    summary = gate(project)
    verdict = verdicts(summary, "load_rejects")["litellm"]
    assert verdict.status == Status.WARNING
    assert verdict.measurement.offenders[0].label == "bad_json"
    assert summary.exit_code == EXIT_PASSED


# The events of 2026-06-01 (11 of 110) or of one team (55) carry a fault; sums are known by hand.
CRITICAL = {
    "required_tags_in_events": (
        f"{NO_TAG} where tag = 'team' and team_id = 'search'",
        "team",
        Decimal("0.55"),
        "sam@example.com",
    ),
    "required_tags_in_money": (
        "update fct_tag_coverage set invalid_cost_usd = cost_usd "
        "where tag = 'team' and team_id = 'support'",
        "team",
        Decimal("0.55"),
        "sue@example.com",
    ),
    "counted_once": (
        "insert into fct_usage_events "
        "select * from fct_usage_events where event_date = '2026-06-01'",
        "all events",
        Decimal("0.11"),
        "pat@example.com",
    ),
    "known_owners": (
        "update fct_usage_events set team_id = 'gone' where event_date = '2026-06-01'",
        "all events",
        Decimal("0.11"),
        "pat@example.com",
    ),
    "row_accounts": (
        "update fct_row_accounts set event_count = 97, difference_count = 3 "
        "where source_name = 'litellm'",
        "litellm",
        Decimal("0.03"),
        "pat@example.com",
    ),
    "load_rejects": (
        "update raw.loads set rejected_count = 50 where source = 'litellm'",
        "litellm",
        Decimal("0.5"),
        "pat@example.com",
    ),
    "event_rejects": (
        "update fct_row_accounts set rejected_count = 6 where source_name = 'otel'; "
        "insert into fct_rejected_events values ('otel', 'negative tokens', 2, 1)",
        "otel",
        Decimal("0.06"),
        "pat@example.com",
    ),
    "negative_cost": (
        "update fct_usage_events set list_cost_usd = -0.5 where event_date = '2026-06-01'",
        "all events",
        Decimal("5.5"),
        "pat@example.com",
    ),
    "conservation": (
        "update fct_team_daily_costs set list_cost_usd = list_cost_usd + 0.000000000000001 "
        "where event_date = '2026-06-03' and team_id = 'search'",
        "fct_team_daily_costs",
        Decimal("0.000000000000001"),
        "pat@example.com",
    ),
    "estimated_cost": (
        "update fct_team_daily_costs set estimated_cost_usd = list_cost_usd "
        "where team_id = 'support'",
        "all events",
        Decimal("0.55"),
        "sue@example.com",
    ),
    "uncounted_calls": (
        "update fct_usage_events set usage_source = 'missing' where team_id = 'support'",
        "all events",
        Decimal("0.55"),
        "pat@example.com",
    ),
    "unbilled_spans": (
        # The agents stay: their calls became events. 120 tokens of the lost call, at 0.01.
        "update chargeback_intermediate.int_otel_spans_inherited set line_number = -1, "
        "operation = 'generate' where trace_id = 'trace-103' and operation = 'chat'; "
        "update chargeback_intermediate.int_otel_spans_inherited set input_tokens = null, "
        "output_tokens = null where trace_id = 'trace-103' and operation = 'invoke_agent'",
        "otel",
        Decimal("0.01"),
        "pat@example.com",
    ),
    "unallocated_cost": (
        "update fct_usage_events set team_id = 'unallocated' where team_id = 'support'; "
        "update fct_team_daily_costs set team_id = 'unallocated' where team_id = 'support'",
        "all events",
        Decimal("0.55"),
        "pat@example.com",
    ),
    "unpriced_models": (
        "update fct_usage_events set pricing_status = 'unpriced', list_cost_usd = null "
        "where event_date = '2026-06-01'; "
        "delete from chargeback_intermediate.int_prices_pivoted "
        "where provider = 'openai' and model_id = 'gpt-5'",
        "all events",
        Decimal("0.11"),
        "pat@example.com",
    ),
    "ambiguous_models": (
        "update fct_usage_events set pricing_status = 'unpriced', list_cost_usd = null, "
        "model_id = 'both' where event_date = '2026-06-01'; "
        "insert into chargeback_intermediate.int_models_resolved values "
        "('openai', 'both', 'openai', 'both', 'ambiguous', 'openai/a', 'openai/b')",
        "all events",
        Decimal("0.11"),
        "pat@example.com",
    ),
    "unpriced_events": (
        "update fct_usage_events set pricing_status = 'unpriced', list_cost_usd = null, "
        "model_id = 'house-llm' where team_id = 'support'",
        "all events",
        Decimal("0.55"),
        "pat@example.com",
    ),
    "unpriced_tokens": (
        "update fct_usage_events set pricing_status = 'unpriced', list_cost_usd = null, "
        "output_tokens = 100000, reported_cost_usd = 0 where event_date = '2026-06-01'",
        "all events",
        # 11 events of 100,100 tokens, at 0.99 for 99 events of 120 tokens.
        Decimal("91.758333333"),
        "pat@example.com",
    ),
}


@pytest.mark.parametrize("check", CRITICAL)
def test_each_critical_check_fails_the_gate(project, change, check):
    sql, subject, money, owner = CRITICAL[check]
    change(sql)
    summary = gate(project, only=check)
    verdict = verdicts(summary, check)[subject]
    assert verdict.status == Status.CRITICAL
    assert verdict.measurement.money_usd == money
    assert summary.exit_code == EXIT_CRITICAL
    found = json.loads((project.root / SITE / "result.json").read_text())
    [entry] = [one for one in found["checks"] if one["check"] == check and one["broken"]]
    assert entry["status"] == "critical"
    assert entry["who_can_fix"][0] == owner
    assert entry["money_usd"] is None or Decimal(entry["money_usd"]) == money


def test_every_check_that_can_be_critical_is_tested():
    assert set(BY_KEY) - set(CRITICAL) == {
        "team_tag_coverage",
        "unregistered_teams",
        "freshness",
        "free_here",
    }


# What became of the call of a trace -> spans that are lost: the call, and the agent around it.
SPANS = {
    "a call that is a duplicate": (
        "update fct_usage_events set line_number = -1 where line_number = 103; "
        "insert into fct_duplicate_events values ('otel', 2, 103)",
        0,
    ),
    "a call that is a reject": (
        "update fct_usage_events set line_number = -1 where line_number = 103; "
        "insert into fct_rejected_events values ('otel', 'no model', 2, 103)",
        0,
    ),
    "a call that is nothing": (
        "update fct_usage_events set line_number = -1 where line_number = 103",
        2,
    ),
    "an agent whose call was estimated": (
        "update chargeback_intermediate.int_otel_spans_inherited set input_tokens = null, "
        "output_tokens = null where trace_id = 'trace-103' and operation = 'chat'",
        0,
    ),
    "an agent that only called a tool": (
        "update chargeback_intermediate.int_otel_spans_inherited set input_tokens = null, "
        "output_tokens = 0, operation = 'execute_tool' "
        "where trace_id = 'trace-103' and operation = 'chat'",
        1,
    ),
    "a call beside another": (
        "insert into chargeback_intermediate.int_otel_spans_inherited "
        "select trace_id, null, 'new sdk', 7, null, ended_at + interval 5 second, "
        "ended_at + interval 9 second, load_id, 9000 "
        "from chargeback_intermediate.int_otel_spans_inherited where line_number = 103",
        1,
    ),
    "a row of another source at its place": (
        "update fct_usage_events set source_name = 'litellm' where line_number = 103",
        2,
    ),
}


@pytest.mark.parametrize("how", SPANS)
def test_spans_with_tokens_that_became_nothing(project, change, how):
    sql, lost = SPANS[how]
    change(sql)
    measurement = verdicts(gate(project, "unbilled_spans"), "unbilled_spans")["otel"].measurement
    assert measurement.observed == lost
    assert sum(int(offender.note.split()[0]) for offender in measurement.offenders) == lost


def test_a_lost_span_is_named_with_its_scope(project, change):
    change(SPANS["a call beside another"][0])
    measurement = verdicts(gate(project, "unbilled_spans"), "unbilled_spans")["otel"].measurement
    [offender] = measurement.offenders
    assert (offender.label, offender.note) == ("no operation", "1 spans of new sdk, 7 tokens")


def test_what_is_free_here_only_is_a_warning_with_its_money(project, change):
    change(
        "update fct_usage_events set list_cost_usd = 0, pricing_status = 'not_billed' "
        "where team_id = 'search'; "
        "update fct_usage_events set reported_cost_usd = 0 where event_date = '2026-06-01'"
    )
    summary = gate(project, "free_here")
    verdict = verdicts(summary, "free_here")["all events"]
    assert verdict.status == Status.WARNING
    assert verdict.measurement.observed == 44
    assert verdict.measurement.money_usd == Decimal("0.44")
    assert [offender.note for offender in verdict.measurement.offenders] == [
        "openai, 40 events from litellm, not_billed",
        "openai, 4 events from otel, not_billed",
    ]


# Events that are left -> what a source is worth that is 20 days old: its mean day, 20 times.
LEDGERS = {
    "ten days, a dollar": ("source_name = 'litellm'", Decimal("2")),
    "one event": ("line_number = 9", Decimal("0.2")),
    "two events, a second apart": ("line_number in (9, 19)", Decimal("0.4")),
}


@pytest.mark.parametrize("ledger", LEDGERS)
def test_news_that_are_missing_are_worth_what_a_day_costs(project, change, ledger):
    kept, money = LEDGERS[ledger]
    change(
        f"delete from fct_usage_events where not ({kept}); "
        "update fct_usage_events set event_at = event_at - interval 1 second "
        "where line_number = 9 and (select count(*) from fct_usage_events) = 2"
    )
    summary = gate(project, "freshness", as_of=datetime(2026, 6, 30, 12))
    assert verdicts(summary, "freshness")["litellm"].measurement.money_usd == money


def test_a_team_nobody_registered_is_named(project, change):
    change("update dim_teams set team_source = 'litellm' where team_id = 'search'")
    verdict = verdicts(gate(project, "unregistered_teams"), "unregistered_teams")["all events"]
    assert verdict.status == Status.WARNING
    assert verdict.measurement.money_usd == Decimal("0.55")
    assert verdict.measurement.offenders[0].note == "55 events, known only from litellm"


def test_money_that_nobody_can_guess_is_unknown(project, change):
    change(
        "update fct_usage_events set pricing_status = 'unpriced', list_cost_usd = null, "
        "reported_cost_usd = null"
    )
    verdict = verdicts(gate(project, "unpriced_events"), "unpriced_events")["all events"]
    assert verdict.status == Status.CRITICAL
    assert verdict.measurement.money_usd is None


def test_an_event_in_the_future_does_not_make_a_source_fresh(project, change):
    change(
        "update fct_usage_events set event_at = timestamp '2099-01-01' "
        "where event_id in (select min(event_id) from fct_usage_events where source_name = 'otel')"
    )
    summary = gate(project, "freshness", as_of=datetime(2026, 7, 1))
    assert verdicts(summary, "freshness")["otel"].status == Status.WARNING


def test_teams_short_of_tags_are_named_with_their_owner(project, change):
    change(f"{NO_TAG} where tag = 'feature' and team_id = 'search'")
    measurement = verdicts(gate(project, "team_tag_coverage"), "team_tag_coverage")[
        "all teams"
    ].measurement
    assert (measurement.observed, measurement.note) == (1, "of 2 teams")
    assert measurement.offenders[0].owner == "sam@example.com"
    assert "'feature' valid in 0 % of events, wanted 40 %" in measurement.offenders[0].note


def test_unpriced_models_are_named_with_tokens_and_share(project, change):
    change(CRITICAL["unpriced_events"][0])
    summary = gate(project, "unpriced_events")
    offender = verdicts(summary, "unpriced_events")["all events"].measurement.offenders[0]
    assert offender.label == "house-llm"
    assert offender.note == (
        "openai standard, 55 events (50 %), 6,600 tokens, no priced model is called alike"
    )


def test_an_ambiguous_name_is_told_with_what_it_may_mean(project, change):
    change(CRITICAL["ambiguous_models"][0])
    verdict = verdicts(gate(project, "ambiguous_models"), "ambiguous_models")["all events"]
    offender = verdict.measurement.offenders[0]
    assert offender.label == "both"
    assert offender.note == "openai, 1,320 tokens, 11 events, means openai/a or openai/b"


def test_a_model_that_lost_its_price_is_told_with_all_that_is_known(project, change, monkeypatch):
    """Too few tokens for any other check: 11 events of 110, each of 120 tokens."""
    monkeypatch.setenv("COLUMNS", "200")
    change("update raw.loads set rejected_count = 0")
    change(
        CRITICAL["unpriced_models"][0]
        + "; update fct_usage_events set output_tokens = 0 where event_date = '2026-06-01'; "
        "update fct_usage_events set reported_cost_usd = 0 where event_date = '2026-06-01'",
        rollup=True,
    )
    code, output = run_command()
    assert code == EXIT_CRITICAL
    broken = output.split("Models that lost their price: 1, allowed 0")[1]
    assert "Expected: Every model in use that is known by name has a price." in broken
    # 100 tokens are left of each event, the other 99 have 120; a token costs $0.99 / 11,880.
    assert "Observed: 1 (1,100 of 13.0k tokens)" in broken
    assert (
        "At stake: about $0.092 (as the sources report it, else at the mean price of a token)"
    ) in broken
    assert (
        "- gpt-5: openai, 1,100 tokens (8.5 %), 11 events, "
        "priced and called alike: azure/gpt-5, openai/gpt-5-mini, ~$0.092"
    ) in broken or (
        "- gpt-5: openai, 1,100 tokens (8.5 %), 11 events, "
        "priced and called alike: openai/gpt-5-mini, azure/gpt-5, ~$0.092"
    ) in broken
    assert "Fix: Put its rows back into seeds/reference/price_book.csv" in broken
    assert "Who: pat@example.com" in broken


# What was changed beside the calls without a price -> whether their model is said to have lost it.
NAMES = {
    "a name leads to it": ("select 1", 1),
    "only a deployment leads to it": (
        "delete from chargeback_intermediate.int_model_names; "
        "update chargeback_intermediate.int_models_resolved set match_type = 'deployment'",
        1,
    ),
    "only another name of the call leads to it": (
        "update chargeback_intermediate.int_models_resolved set match_type = 'none'",
        1,
    ),
    "no name leads to it": (
        "delete from chargeback_intermediate.int_model_names; "
        "update chargeback_intermediate.int_models_resolved set match_type = 'ambiguous'",
        0,
    ),
    "another tier of it has a price": (
        "insert into chargeback_intermediate.int_prices_pivoted values ('openai', 'gpt-5', 'flex')",
        0,
    ),
    "nobody uses it": ("update fct_usage_events set model_id = 'new-model'", 0),
}


@pytest.mark.parametrize("case", NAMES)
def test_models_that_lost_their_price(project, change, case):
    sql, count = NAMES[case]
    change(CRITICAL["unpriced_models"][0] + "; " + sql)
    verdict = verdicts(gate(project, "unpriced_models"), "unpriced_models")["all events"]
    assert verdict.measurement.observed == count
    assert len(verdict.measurement.offenders) == count


def test_a_required_tag_that_is_not_measured_fails(project, change):
    change("insert into chargeback_seeds.tag_requirements values ('owner', 0.1, 'critical')")
    summary = gate(project, "required_tags_in_events")
    assert verdicts(summary, "required_tags_in_events")["owner"].status == Status.CRITICAL


def test_exactly_on_target_passes(project, change):
    change(
        "update chargeback_seeds.tag_requirements set coverage_target = 0.5; "
        f"{NO_TAG} where team_id = 'search'"
    )
    summary = gate(project)
    for check in ("required_tags_in_events", "required_tags_in_money"):
        assert {verdict.status for verdict in verdicts(summary, check).values()} == {Status.PASSED}


def test_cost_of_zero_is_no_data_for_shares_of_money(project, change):
    change("update fct_usage_events set list_cost_usd = 0", rollup=True)
    summary = gate(project)
    assert verdicts(summary, "unallocated_cost")["all events"].status == Status.NO_DATA
    assert verdicts(summary, "required_tags_in_money")["team"].status == Status.NO_DATA
    assert summary.exit_code == EXIT_PASSED


def test_freshness_warns_and_can_be_made_critical(project):
    late = datetime(2026, 7, 1)
    summary = gate(project, "freshness", as_of=late)
    assert summary.exit_code == EXIT_PASSED
    verdict = verdicts(summary, "freshness")["otel"]
    assert verdict.status == Status.WARNING
    assert verdict.measurement.note == "2026-06-10 12:00 UTC"
    assert gate(project, "freshness", as_of=late, critical=["freshness"]).exit_code == EXIT_CRITICAL


def test_the_gate_agrees_with_plain_arithmetic(project, change):
    change(CRITICAL["unpriced_events"][0])
    for verdict in gate(project).verdicts:
        check = BY_KEY[verdict.measurement.check]
        if verdict.measurement.observed is None:
            continue
        broken = {
            limit.severity
            for limit in verdict.measurement.limits
            if (
                verdict.measurement.observed < limit.value
                if check.at_least
                else verdict.measurement.observed > limit.value
            )
        }
        expected = "critical" if "critical" in broken else "warning" if broken else "passed"
        assert verdict.status == expected


# What the command says


def test_the_command_says_which_how_much_and_who(project, change, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    change(CRITICAL["required_tags_in_events"][0])
    code, output = run_command()
    assert code == EXIT_CRITICAL
    assert "Events tagged team: 50 %, wanted >= 75 %" in output
    assert "Expected: At least 75 % of events carry a valid 'team' tag." in output
    assert "At stake: $0.55" in output
    assert "Who: sam@example.com" in output
    assert "target/quality_gate/index.html" in output
    assert max(map(len, output.splitlines())) <= 100


def test_the_command_fits_80_columns_and_is_quiet(project, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, output = run_command()
    assert code == EXIT_PASSED
    assert "Quality gate passed" in output
    assert max(map(len, output.splitlines())) <= 80
    for noise in ("Calculating Metrics", "Deprecat", "Traceback", "posthog"):
        assert noise not in output


def test_an_empty_warehouse_is_said_plainly(project, change):
    change("delete from fct_usage_events; update fct_row_accounts set row_count = 0")
    assert run_command() == (
        1,
        "the warehouse has no usage events, so there is nothing to check: put logs into "
        "data/raw/<source>/ (or leave it empty for the sample) and run ./scripts/build",
    )


def test_rows_that_all_failed_are_said_plainly(project, change):
    change("delete from fct_usage_events")
    code, output = run_command()
    assert code == 1
    assert "none of the 115 rows that were read became a usage event" in output


def test_a_missing_mart_is_named(project, change):
    change("drop table fct_tag_coverage; drop view chargeback_staging.stg_loads__loads")
    code, output = run_command()
    assert code == 1
    assert "no chargeback.fct_tag_coverage, chargeback_staging.stg_loads__loads" in output


# Rows that are lost are found even if the mart's own account balances.
LOST = {
    "a row that never reached the raw table": (
        "update raw.loads set row_count = row_count + 1 where source = 'litellm'"
    ),
    "an event that is gone": (
        "delete from fct_usage_events where event_id in "
        "(select min(event_id) from fct_usage_events where source_name = 'litellm')"
    ),
    "a load after the build": (
        "insert into raw.loads values (3, 'litellm', 'litellm_spend_logs', 1, 0)"
    ),
}


@pytest.mark.parametrize("how", LOST)
def test_one_lost_row_fails_the_gate(project, change, how):
    change(LOST[how])
    summary = gate(project, "row_accounts")
    verdict = verdicts(summary, "row_accounts")["litellm"]
    assert verdict.status == Status.CRITICAL
    assert verdict.measurement.observed == 1
    assert verdict.measurement.money_usd == Decimal("0.01")
    assert verdict.measurement.offenders[0].label == "litellm_spend_logs"
    assert verdicts(summary, "row_accounts")["otel"].status == Status.PASSED


def test_a_source_that_is_switched_off_is_not_lost(project, change):
    change(
        "update fct_row_accounts set row_count = 0, event_count = 0, other_row_count = 0 "
        "where source_name = 'otel'; delete from fct_usage_events where source_name = 'otel'"
    )
    assert gate(project, "row_accounts").exit_code == EXIT_CRITICAL
    with (project.root / "dbt_project.yml").open("a", encoding="utf-8") as file:
        file.write("vars: {llm_chargeback: {sources: {otel: false, litellm: true}}}\n")
    assert gate(Project.find(), "row_accounts").exit_code == EXIT_PASSED


def test_raw_tables_that_another_tool_fills(project, change):
    change("drop table raw.rejects; delete from raw.loads")
    summary = gate(project)
    assert summary.exit_code == EXIT_PASSED
    assert verdicts(summary, "load_rejects") == {}


def test_a_warehouse_that_dbt_has_not_built_yet(project, change):
    change("drop schema chargeback cascade; drop schema chargeback_seeds cascade")
    code, output = run_command()
    assert code == 1
    assert output == (
        "schema chargeback of the warehouse has no marts yet: "
        "run ./scripts/build (or dbt build) first"
    )


def test_a_warehouse_that_another_process_writes(project):
    hold = (
        "import duckdb, sys; connection = duckdb.connect(sys.argv[1]); "
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(project.duckdb_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout.readline() == "open\n"
        code, output = run_command()
        writer.stdin.close()
    assert code == 1
    assert f"(process {writer.pid}): DuckDB allows one writer at a time" in output


def test_no_warehouse(project):
    project.duckdb_path.unlink()
    code, output = run_command()
    assert code == 1
    assert "no warehouse at" in output


def test_an_old_verdict_does_not_survive_a_run_that_cannot_check(project, change):
    gate(project, "freshness")
    change("delete from fct_usage_events")
    run_command()
    assert not (project.root / SITE / "result.json").exists()
    assert not (project.root / SITE / "index.html").exists()


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "[red]$x:00%s"]
)
def test_hostile_names_are_shown_as_text(project, change, name):
    quoted = name.replace("'", "''")
    change(
        f"update dim_teams set team_name = '{quoted}', owner = '{quoted}' "
        "where team_id = 'search'; "
        f"update fct_usage_events set source_name = '{quoted}', model_id = '{quoted}', "
        "pricing_status = 'unpriced'; "
        f"{NO_TAG}; "
        f"update fct_row_accounts set source_name = '{quoted}', difference_count = 1; "
        f"update chargeback_seeds.tag_requirements set tag = '{quoted}' where tag = 'feature'"
    )
    code, output = run_command()
    assert code == EXIT_CRITICAL
    assert name in re.sub(r"\s+", " ", output) or name in output.replace("\n", "")
    pages = list((project.root / SITE).rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        content = page.read_text(encoding="utf-8")
        assert "<script" not in content.lower(), page
    assert json.loads((project.root / SITE / "result.json").read_text())["passed"] is False


def test_control_characters_cannot_steer_the_terminal(project, change):
    change("update dim_teams set owner = 'a' || chr(27) || '[2Jb' || chr(10) || 'c'")
    change(CRITICAL["required_tags_in_events"][0])
    _, output = run_command()
    assert "\x1b" not in output
    assert "a?[2Jb?c" in output


def test_pages_load_nothing_from_the_network(project):
    gate(project)
    for page in (project.root / SITE).rglob("*.html"):
        content = page.read_text(encoding="utf-8")
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//(?!greatexpectations)", content), (
            page
        )
        assert "@import" not in content


def test_only_a_critical_page_is_called_failed(project, change):
    change(CRITICAL["unpriced_events"][0])
    gate(project)
    pages = {page.stem: page.read_text() for page in (project.root / SITE).rglob("warehouse-*")}
    called_failed = {name for name, content in pages.items() if "</i> Failed" in content}
    assert called_failed == {
        "warehouse-unpriced_events",
        "warehouse-unpriced_tokens",
        "warehouse-conservation",
    }
    assert "Warning: no critical limit is broken" in pages["warehouse-load_rejects"]


def test_links_of_the_first_page_exist(project):
    gate(project)
    index = project.root / SITE / "index.html"
    links = re.findall(r'href="([^"]+)"', index.read_text(encoding="utf-8"))
    assert len(links) > 20
    for link in links:
        assert (index.parent / link).is_file(), link


def test_an_event_never_leaves_the_warehouse(project, monkeypatch):
    """Every query of the gate returns a few aggregates."""
    from chargeback.warehouse import Warehouse

    sizes = []
    original = Warehouse.query

    def query(self, sql, params=()):
        rows = original(self, sql, params)
        if "information_schema" not in sql:
            sizes.append(len(rows))
        return rows

    monkeypatch.setattr(Warehouse, "query", query)
    gate(project)
    assert max(sizes) <= 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-30", datetime(2026, 7, 1)),
        ("2026-06-30T12:30", datetime(2026, 6, 30, 12, 30)),
    ],
)
def test_as_of(text, expected):
    assert parse_as_of(text) == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "30.06.2026"])
def test_as_of_that_is_no_date(text):
    with pytest.raises(ChargebackError, match="--as-of must look like"):
        parse_as_of(text)


def test_as_of_with_a_zone_is_utc(project):
    summary = gate(project, "freshness", as_of=datetime.fromisoformat("2026-06-11T02:00+02:00"))
    assert summary.as_of == AS_OF


def test_a_missing_package_is_said_plainly(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb_engine", None)
    monkeypatch.delitem(sys.modules, "chargeback.gate.duckdb_readonly", raising=False)
    monkeypatch.delattr("chargeback.gate.duckdb_readonly", raising=False)
    code, output = run_command()
    assert code == 1
    assert "the quality gate needs the Python package 'duckdb_engine'" in output
