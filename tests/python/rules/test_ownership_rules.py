"""Rules of the company (design 4): any tag, key, service and more; order, dates; why it is so."""

from __future__ import annotations

import csv
import io

import pytest

from rules.logs import Logs, key_id, trace_id
from rules.project import environment_of, run_command

pytestmark = pytest.mark.slow
LOGS = Logs()
FROM = "2026-06-15T12:00:00"
BEFORE = "2026-06-15T11:59:59.999"
TO = "2026-07-01T00:00:00"
LAST = "2026-06-30T23:59:59.999"
JOB = {"service.name": "rules-nightly-job", "deployment.environment.name": "production"}
# The copy of the project has no tests of its own.
UNTESTED = {"DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test"}

# name -> (source, id of its row, team, method, rule)
CASES: dict[str, tuple[str, str, str, str, str | None]] = {}


def _call(name: str, team: str, method: str, rule: str | None, **columns) -> None:
    CASES[name] = ("litellm", LOGS.call(f"chatcmpl-rule {name}", **columns), team, method, rule)


def _span(name: str, team: str, method: str, rule: str | None, **columns) -> None:
    CASES[name] = ("otel", LOGS.span(f"rule {name}", **columns), team, method, rule)


_alias = {"user_api_key_alias": "Rules-Blocked-7"}
_call(
    "stops the search",
    "unallocated",
    "rule",
    "rules-blocked",
    metadata=_alias,
    tags=("team:alpha",),
)
_call("tag in the list", "beta", "rule", "rules-customer", tags=("Customer: Acme Inc",))
_call(
    "tag in the metadata",
    "beta",
    "rule",
    "rules-customer",
    metadata={"spend_logs_metadata": {"customer": 'ACME "7"'}},
)
_call("another customer", "unallocated", "none", None, tags=("customer:other",))
_call("team tag before it", "alpha", "team_tag", "team_tag", tags=("customer:acme", "team:alpha"))
_call(
    "before the key",
    "beta",
    "rule",
    "rules-customer",
    tags=("customer:acme",),
    key=key_id("rules"),
)
LOGS.key_owner(key_id("rules"), "alpha", "2020-01-01")
_span(
    "before the team tag",
    "gamma",
    "rule",
    "rules-before-tags",
    resource={"service.name": "Rules-First", "team": "alpha"},
)
_span("first moment", "beta", "rule", "rules-both", at=FROM, resource=JOB)
_span("one moment before", "platform", "rule", "rules-after-all", at=BEFORE, resource=JOB)
_span("last moment", "beta", "rule", "rules-both", at=LAST, resource=JOB)
_span("end", "platform", "rule", "rules-after-all", at=TO, resource=JOB)
_span(
    "one line only",
    "platform",
    "rule",
    "rules-after-all",
    at=FROM,
    resource={**JOB, "deployment.environment.name": "staging"},
)
_span(
    "its team is open",
    "retired",
    "rule",
    "rules-closed",
    at="2026-05-31T23:59:59.999",
    resource={"service.name": "rules-closed"},
)
_span(
    "its team is closed",
    "platform",
    "rule",
    "rules-after-all",
    at="2026-06-01T00:00:00",
    resource={"service.name": "rules-closed"},
)
_span(
    "attribute of a span",
    "beta",
    "rule",
    "rules-customer",
    attributes={"customer": "acme"},
)
# A rule gives the span above its owner: the call has it from there.
_parent = LOGS.span(
    "rule parent",
    trace="rules trace",
    operation="invoke_agent",
    tokens=None,
    attributes={"customer": "acme"},
)
_span(
    "below a span with a rule",
    "beta",
    "trace_ancestor",
    "trace_ancestor",
    trace="rules trace",
    parent="rule parent",
)


@pytest.mark.parametrize("name", CASES)
def test_owner_by_a_rule(built, name: str) -> None:
    source, row, team, method, rule = CASES[name]
    event = built.event(source, row)
    found = (event["team_id"], event["attribution_method"], event["ownership_rule_id"])
    assert found == (team, method, rule)


@pytest.mark.parametrize("name", CASES)
def test_an_event_is_explained(agreed, name: str) -> None:
    """By the id that the source gave it, with the rule that won and what came after."""
    source, row, team, _, rule = CASES[name]
    event = agreed.event(row, source)
    if name not in ("stops the search", "below a span with a rule", "another customer"):
        event_id = str(event["event_id"])
    else:
        event_id = row if source == "litellm" else f"{trace_id('rules trace')}/{row}"
    with environment_of(agreed.root) as environment:
        code, output = run_command(environment, "explain", "event", event_id, COLUMNS="250")
    assert code == 0, output
    text = " ".join(output.split())
    by = f"by the rule {rule}" if rule else "because no rule gave a team"
    assert f"Team {team} {by}" in text
    if name == "stops the search":
        assert "Rules-Blocked-7" in text
        assert "would give alpha" in text


def test_an_unknown_event_is_a_clear_error(agreed) -> None:
    with environment_of(agreed.root) as environment:
        code, output = run_command(environment, "explain", "event", "no-such'; event")
    assert code == 1
    assert output.startswith("error: no event")
    assert len(output.splitlines()) <= 2


def test_rules_are_listed_in_order(agreed) -> None:
    with environment_of(agreed.root) as environment:
        code, output = run_command(environment, "rules", "list", COLUMNS="200")
    assert code == 0, output
    rows = [line.split() for line in output.splitlines() if line.strip()[:1].isdigit()]
    assert [row[1] for row in rows] == [
        "rules-blocked",
        "rules-before-tags",
        "team_tag",
        "feature_tag",
        "rules-customer",
        "api_key",
        "user",
        "rules-both",
        "rules-closed",
        "internal_tooling",
        "trace_ancestor",
        "trace_any",
        "rules-after-all",
    ]


def test_examples_are_checked(agreed) -> None:
    """A right set passes; a wrong line is named, with what it got; no event is touched."""
    seed = agreed.root / "seeds" / "company" / "ownership_examples.csv"
    before = seed.read_text(encoding="utf-8")
    with environment_of(agreed.root) as environment:
        code, output = run_command(environment, "rules", "test", **UNTESTED)
        assert code == 0, output
        assert "3 examples: 3 ok, 0 wrong" in output
        rows = list(csv.DictReader(io.StringIO(before)))
        rows[0] |= {"expected_team": "gamma", "expected_rule": ""}
        with seed.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        try:
            code, output = run_command(environment, "rules", "test", **UNTESTED)
        finally:
            seed.write_text(before, encoding="utf-8")
        run_command(environment, "rules", "test", **UNTESTED)
    assert code == 1
    assert "wrong  tag of a customer: beta by rules-customer, expected gamma" in output
    assert "3 examples: 2 ok, 1 wrong" in output


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("bad,3,colour,red,alpha,,,", "matches on 'colour'"),
        ("bad,3,tag:shade,red,alpha,,,", "add it to vars"),
        ("bad,3,service,red,directory,,,", "assigns to `directory`"),
    ],
)
def test_a_rule_that_can_not_work_is_named(agreed, line: str, problem: str) -> None:
    seed = agreed.root / "seeds" / "company" / "ownership_rules.csv"
    before = seed.read_text(encoding="utf-8")
    seed.write_text(before + line + "\n", encoding="utf-8")
    with environment_of(agreed.root) as environment:
        try:
            code, output = run_command(environment, "rules", "test", **UNTESTED)
        finally:
            seed.write_text(before, encoding="utf-8")
            run_command(environment, "rules", "test", **UNTESTED)
    assert code == 1
    assert "'bad'" in output
    assert problem in " ".join(output.split())
