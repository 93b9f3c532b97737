"""The report on the same small warehouse."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from chargeback.cli import app
from chargeback.errors import ChargebackError
from chargeback.report.command import parse_period, run_report
from chargeback.report.machine import as_markdown
from chargeback.report.model import Period, total_usage


def run_command(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["report", *arguments])
    if isinstance(result.exception, ChargebackError):
        return 1, str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_cost_per_team(project):
    report = run_report(project)
    assert [(row.id, row.usage.event_count) for row in report.rows] == [
        ("search", 55),
        ("support", 55),
    ]
    assert report.total.list_cost_usd == Decimal("1.10")
    assert report.total.token_count == 110 * 120
    assert report.rows[0].parts[0].name == "Ranking"
    assert (report.first_date, report.last_date) == (date(2026, 6, 1), date(2026, 6, 10))
    assert [account.difference_count for account in report.accounts] == [0, 0]


def test_a_period_includes_both_days(project):
    report = run_report(project, Period(date(2026, 6, 2), date(2026, 6, 3)))
    assert report.total.event_count == 22


def test_one_team_by_feature(project):
    report = run_report(project, team_id="search")
    assert [row.name for row in report.rows] == ["Ranking"]
    assert report.rows[0].parts[0].name == "gpt-5"
    assert report.coverage is None


def test_tag_coverage_in_money(project, change):
    change(
        "update fct_tag_coverage "
        "set missing_event_count = event_count, missing_cost_usd = cost_usd "
        "where tag = 'team' and team_id = 'search'"
    )
    shares = {row.id: row.coverage.share for row in run_report(project).rows}
    assert shares == {"search": Decimal("0.5"), "support": Decimal(1)}


def test_agreed_prices(project, change):
    assert "by what is agreed" not in run_command()[1]
    change("update fct_team_daily_costs set contracted_cost_usd = list_cost_usd / 2")
    report = run_report(project)
    assert (report.total.list_cost_usd, report.total.contracted_cost_usd) == (
        Decimal("1.10"),
        Decimal("0.55"),
    )
    _, text = run_command()
    assert "contracted cost" in text
    assert "List cost $1.1000, less $0.5500 by what is agreed with providers." in text
    change("update fct_team_daily_costs set contracted_cost_usd = list_cost_usd * 2")
    assert "List cost $1.1000, plus $1.1000 by what" in run_command()[1]


def test_the_figures_shown_add_up(project, change):
    """1.10004, less 0.54998, is 0.55006: to four decimals the parts of that miss by one."""
    change(
        "update fct_team_daily_costs set list_cost_usd = list_cost_usd + 0.000004, "
        "contracted_cost_usd = list_cost_usd / 2 + 0.000006"
    )
    _, text = run_command()
    assert "0.5501" in text
    assert "List cost $1.1000, less $0.5499 by" in text
    change("update fct_team_daily_costs set contracted_cost_usd = list_cost_usd - 0.00000001")
    assert "less $<0.0001 by" in run_command()[1]


def test_unallocated_is_always_shown(project, change):
    change(
        "update fct_usage_events set team_id = 'unallocated', list_cost_usd = 0.0001 "
        "where event_date = '2026-06-01' and team_id = 'search'; "
        "update fct_usage_events set team_id = 'platform' "
        "where event_date = '2026-06-02' and team_id = 'support'",
        rollup=True,
    )
    report = run_report(project)
    lines = report.lines(1)
    assert [line.name for line in lines] == ["Search", "2 more", "Unallocated"]
    assert sum((total_usage(line.rows).contracted_cost_usd for line in lines), Decimal(0)) == (
        report.total.contracted_cost_usd
    )
    assert report.total_name() == "Total, 3 teams"


def test_unallocated_is_last_even_if_it_costs_most(project, change):
    change(
        "update fct_usage_events set team_id = 'unallocated', list_cost_usd = 5 "
        "where team_id = 'search'",
        rollup=True,
    )
    report = run_report(project)
    assert [row.id for row in report.rows] == ["support", "unallocated"]
    assert report.total_name() == "Total, 1 team"


def test_names_that_only_the_logs_know_are_marked(project, change):
    change(
        "update dim_teams set team_source = 'litellm' where team_id = 'search'; "
        "update dim_features set is_registered = false where feature_id = 'answers'; "
        "update fct_usage_events set feature_id = 'unknown' where event_date = '2026-06-02'",
        rollup=True,
    )
    output = run_command()[1]
    assert "Search *" in output
    assert "Support *" not in output
    assert "* known only from the logs, not in seeds/company/teams.csv." in output
    output = run_command("--team", "support")[1]
    assert "Answers *" in output
    assert "No feature " in output
    assert "No feature *" not in output
    rows = json.loads(run_command("--format", "json")[1])["teams"]
    assert {row["team_id"]: row["is_registered"] for row in rows} == {
        "search": False,
        "support": True,
    }


def test_piped_output_is_plain_and_stable(project, monkeypatch):
    first = run_command()[1]
    assert "\x1b" not in first
    monkeypatch.setenv("NO_COLOR", "1")
    assert run_command()[1] == first


def test_a_name_of_a_part_is_never_cut_by_another(project, change, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    change(
        "insert into dim_features values ('second', 'Another rather long feature name', true); "
        "update fct_usage_events set feature_id = 'second' "
        "where team_id = 'search' and event_date < '2026-06-05'",
        rollup=True,
    )
    lines = run_command()[1].splitlines()
    [line] = [line for line in lines if line.startswith(" Search ")]
    assert line.rstrip().endswith(" Ranking 60%")


def test_a_picture(project, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    path = tmp_path / "report.svg"
    assert run_command("--svg", str(path)) == (0, f"wrote {path}\n")
    content = path.read_text(encoding="utf-8")
    assert "url(http" not in content
    assert "@font-face" not in content
    assert re.findall(r"https?://[^\"]+", content) == ["http://www.w3.org/2000/svg"]
    texts = {"".join(element.itertext()) for element in ElementTree.fromstring(content).iter()}
    assert any(text.startswith("Search") for text in texts)
    run_command("--svg", str(path))
    assert path.read_text(encoding="utf-8") == content


def test_a_picture_that_cannot_be_written(project):
    code, output = run_command("--svg", "no/such/folder/report.svg")
    assert code == 1
    assert output == "cannot write no/such/folder/report.svg: No such file or directory"


def test_json_keeps_every_digit(project, change):
    change(
        "update fct_usage_events set list_cost_usd = 0.000000000000001 where team_id = 'support'",
        rollup=True,
    )
    code, output = run_command("--format", "json")
    content = json.loads(output)
    assert code == 0
    assert Decimal(content["total"]["list_cost_usd"]) == Decimal("0.550000000000055")
    assert content["teams"][1]["top_features"][0]["feature_id"] == "answers"
    assert content["row_accounts"][0]["row_count"] == 103
    assert content["teams"][0]["owner"] == "sam@example.com"


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_table_fits(project, change, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    change("update dim_teams set team_name = team_name || ' and a very long name besides'")
    code, output = run_command()
    assert code == 0
    assert "Cost per team" in output
    assert "110" in output
    lines = [line for line in output.splitlines() if str(project.root) not in line]
    assert max(map(len, lines)) <= width


def test_a_difference_is_visible(project, change):
    change("update fct_row_accounts set difference_count = 7 where source_name = 'otel'")
    assert any(line.split()[-1:] == ["7"] for line in run_command()[1].splitlines())


@pytest.mark.parametrize("name", ["<script>", "=cmd|' /C calc'!A0", "a|b", "[bold]x", "x\x1b[2J"])
def test_hostile_names(project, change, name):
    quoted = name.replace("'", "''")
    change(
        f"update dim_teams set team_name = '{quoted}'; update dim_features set feature_name = 'f'"
    )
    code, output = run_command()
    assert code == 0
    assert name.replace("\x1b", "?") in output
    assert "\x1b" not in output
    markdown = as_markdown(run_report(project), top=20)
    assert "<script>" not in markdown
    row = next(line for line in markdown.splitlines() if line.endswith("| 0 |"))
    assert row.replace("\\|", "").count("|") == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "June"], "--from must look like 2026-06-01, not 'June'"),
        (["--from", "2026-06-02", "--to", "2026-06-01"], "--from 2026-06-02 is after --to"),
        (["--from", "2027-01-01"], "there are events from 2026-06-01 to 2026-06-10"),
        (["--team", "serch"], "no team has the id 'serch': did you mean search?"),
        (["--team", "platform"], "no events of team 'platform'"),
    ],
)
def test_mistakes_are_named(project, arguments, message):
    code, output = run_command(*arguments)
    assert code == 1
    assert message in output


def test_an_empty_warehouse(project, change):
    change("delete from fct_usage_events", rollup=True)
    code, output = run_command()
    assert code == 1
    assert "the warehouse has no usage events" in output


def test_a_missing_mart(project, change):
    change("drop table dim_features")
    code, output = run_command()
    assert code == 1
    assert "no chargeback.dim_features: run ./scripts/build" in output


def test_without_tag_requirements_there_is_no_coverage(project, change):
    change("drop table chargeback_seeds.tag_requirements")
    code, output = run_command()
    assert code == 0
    assert " Tagged " not in output


def test_open_periods():
    assert parse_period(None, "2026-06-30") == Period(None, date(2026, 6, 30))
