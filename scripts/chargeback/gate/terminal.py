"""Shows the verdicts in a terminal, in 80 columns or more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chargeback.gate.catalog import BY_KEY
from chargeback.gate.checks import Check
from chargeback.gate.numbers import money, plain
from chargeback.gate.results import Status, Verdict
from chargeback.gate.summary import Summary
from chargeback.gate.words import (
    fixers,
    limit_text,
    money_text,
    sentence,
    title,
    value_text,
)

_STYLES = {
    Status.PASSED: "green",
    Status.WARNING: "yellow",
    Status.CRITICAL: "bold red",
    Status.NO_DATA: "dim",
}
_MAX_OFFENDERS = 5
_WIDE = 96


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    check: str
    status: Status
    observed: str
    allowed: str
    money: str
    who: str


def lines(summary: Summary) -> list[Line]:
    """The lines of the table. Subjects that all pass the same check share a line."""
    found: list[Line] = []
    for check, verdicts in _by_check(summary.verdicts):
        passed = [verdict for verdict in verdicts if verdict.status == Status.PASSED]
        if check.title_of_many and len(passed) > 1:
            found += [
                _line(check, verdict, summary) for verdict in verdicts if verdict not in passed
            ]
            found.append(_shared_line(check, passed, others=len(passed) < len(verdicts)))
        else:
            found += [_line(check, verdict, summary) for verdict in verdicts]
    return found


def print_summary(console: Console, summary: Summary, index: str, result_file: str) -> None:
    """Print the table, what is broken and who can fix it, and where to read on."""
    console.print(_table(lines(summary), with_people=console.width >= _WIDE))
    console.print(_warnings(summary))
    failed = [verdict for verdict in summary.verdicts if verdict.status == Status.CRITICAL]
    for verdict in failed:
        console.print()
        console.print(_failure(verdict, summary))
    console.print()
    state = Text("failed", "bold red") if failed else Text("passed", "bold green")
    console.print(Text("Quality gate ").append(state).append(f". {summary.headline()}."))
    console.print(Text(f"Data Docs: {index}\nResult:    {result_file}"), soft_wrap=True)


def _by_check(verdicts: Sequence[Verdict]) -> Iterator[tuple[Check, list[Verdict]]]:
    for key, group in groupby(verdicts, key=lambda verdict: verdict.measurement.check):
        yield BY_KEY[key], list(group)


def _line(check: Check, verdict: Verdict, summary: Summary) -> Line:
    measurement = verdict.measurement
    is_broken = verdict.broken is not None
    limits = [verdict.broken] if verdict.broken else measurement.limits[:1]
    at_stake = ""
    who = ""
    if is_broken:
        at_stake = money(measurement.money_usd, unknown="-")
        people = fixers(measurement, summary.platform_owner)
        who = people[0] + (f" +{len(people) - 1}" if len(people) > 1 else "")
    return Line(
        check=title(check, measurement.subject),
        status=verdict.status,
        observed=value_text(check, measurement.observed),
        allowed=", ".join(limit_text(check, limit) for limit in limits),
        money=at_stake,
        who=who,
    )


def _shared_line(check: Check, verdicts: Sequence[Verdict], others: bool) -> Line:
    """One line for subjects that pass, with the value closest to the limit."""
    choose = min if check.at_least else max
    worst = choose(verdicts, key=lambda verdict: verdict.measurement.observed or 0).measurement
    return Line(
        check=f"{check.title_of_many}: {len(verdicts)} more" if others else check.title_of_many,
        status=Status.PASSED,
        observed=value_text(check, worst.observed),
        allowed=", ".join(limit_text(check, limit) for limit in worst.limits[:1]),
        money="",
        who="",
    )


def _table(found: Iterable[Line], with_people: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Check")
    table.add_column("Result", no_wrap=True)
    table.add_column("Observed", justify="right", no_wrap=True)
    table.add_column("Allowed", no_wrap=True)
    table.add_column("Money", justify="right", no_wrap=True)
    if with_people:
        table.add_column("Who can fix it", no_wrap=True, overflow="ellipsis")
    for line in found:
        cells = [
            Text(plain(line.check)),
            Text(line.status, _STYLES[line.status]),
            Text(line.observed),
            Text(line.allowed, "dim"),
            Text(line.money),
        ]
        table.add_row(*cells, *([Text(plain(line.who))] if with_people else []))
    return table


def _warnings(summary: Summary) -> Table:
    """One paragraph for all warnings of a check: the worst offender, what to do, who can do it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for check, verdicts in _by_check(summary.verdicts):
        found = [verdict for verdict in verdicts if verdict.status == Status.WARNING]
        if not found:
            continue
        text = Text(plain("; ".join(_warning(check, verdict) for verdict in found)) + ". ")
        text.append(f"{check.fix} ", "dim")
        people = dict.fromkeys(
            person
            for verdict in found
            for person in fixers(verdict.measurement, summary.platform_owner)
        )
        text.append(plain(", ".join(people)), "cyan")
        table.add_row(Text(Status.WARNING, _STYLES[Status.WARNING]), text)
    return table


def _warning(check: Check, verdict: Verdict) -> str:
    measurement = verdict.measurement
    assert verdict.broken is not None
    text = f"{title(check, measurement.subject)}: {value_text(check, measurement.observed)}"
    text += f" ({'wanted' if check.at_least else 'allowed'} {limit_text(check, verdict.broken)})"
    if measurement.offenders:
        worst = measurement.offenders[0]
        text += f", most from {worst.label}"
        text += f" ({money(worst.money_usd)})" if worst.money_usd else ""
    return text


def _failure(verdict: Verdict, summary: Summary) -> Text:
    """A critical failure in full."""
    measurement = verdict.measurement
    check = BY_KEY[measurement.check]
    assert verdict.broken is not None
    text = Text("CRITICAL ", _STYLES[Status.CRITICAL])
    text.append(plain(sentence(check, measurement, verdict.broken)), "bold default")
    text.append(f"\n  Observed: {value_text(check, measurement.observed)}", "default")
    text.append(f" ({plain(measurement.note)})" if measurement.note else "", "default")
    text.append(f"\n  At stake: {money_text(check, measurement)}", "default")
    for offender in measurement.offenders[:_MAX_OFFENDERS]:
        amount = "" if offender.money_usd is None else f", {money(offender.money_usd)}"
        line = f"\n    {plain(offender.label)}: {plain(offender.note)}{amount}"
        text.append(line, "default")
        if offender.owner and offender.owner != summary.platform_owner:
            text.append(f" ({plain(offender.owner)})", "default")
    people = ", ".join(fixers(measurement, summary.platform_owner))
    text.append(f"\n  Who can fix it: {plain(people)}", "default")
    text.append(f"\n  How: {check.fix}", "default")
    return text
