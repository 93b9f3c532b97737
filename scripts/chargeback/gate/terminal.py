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
from chargeback.gate.numbers import plain
from chargeback.gate.results import Status, Verdict
from chargeback.gate.summary import Summary
from chargeback.gate.words import (
    fixers,
    headline,
    limit_text,
    money_text,
    sentence,
    short_money,
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
_LONGEST_TITLE = len("Events tagged environment")


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
    for status in (Status.WARNING, Status.CRITICAL):
        for paragraph in _broken(summary, status):
            console.print(paragraph)
            console.print()
    failed = any(verdict.status == Status.CRITICAL for verdict in summary.verdicts)
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
        at_stake = short_money(check, measurement.money_usd) or "-"
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
    table.add_column("Check", min_width=_LONGEST_TITLE)
    table.add_column("Result", no_wrap=True)
    table.add_column("Observed", justify="right", no_wrap=True)
    table.add_column("Limit", no_wrap=True)
    table.add_column("At stake", justify="right", no_wrap=True)
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


def _broken(summary: Summary, status: Status) -> Iterator[Table]:
    """A paragraph for all that is mended the same way: what, how much money, how, and by whom."""
    broken = [verdict for verdict in summary.verdicts if verdict.status == status]
    fixes = dict.fromkeys(BY_KEY[verdict.measurement.check].fix for verdict in broken)
    for fix in fixes:
        group = [verdict for verdict in broken if BY_KEY[verdict.measurement.check].fix == fix]
        lines_of_group = [
            *(text for verdict in group for text in _explained(verdict, summary)),
            Text(f"Fix: {fix}", "default"),
            Text(f"Who: {plain(', '.join(_people(group, summary)))}", "cyan"),
        ]
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_row(Text(status, _STYLES[status]), Text("\n").join(lines_of_group))
        yield table


def _explained(verdict: Verdict, summary: Summary) -> Iterator[Text]:
    """One line for a warning; a critical failure in full."""
    measurement = verdict.measurement
    check = BY_KEY[measurement.check]
    assert verdict.broken is not None
    is_critical = verdict.status == Status.CRITICAL
    text = Text(plain(headline(check, measurement, verdict.broken)), "bold" if is_critical else "")
    if not is_critical:
        text.append(plain(_stake(check, verdict)))
        yield text
        return
    yield text
    yield Text(f"  Expected: {plain(sentence(check, measurement, verdict.broken))}")
    note = f" ({measurement.note})" if measurement.note else ""
    yield Text(plain(f"  Observed: {value_text(check, measurement.observed)}{note}"))
    yield Text(f"  At stake: {money_text(check, measurement)}")
    for offender in measurement.offenders[:_MAX_OFFENDERS]:
        amount = short_money(check, offender.money_usd)
        line = f"  - {offender.label}: {offender.note}{f', {amount}' if amount else ''}"
        if offender.owner and offender.owner != summary.platform_owner:
            line += f" ({offender.owner})"
        yield Text(plain(line))


def _stake(check: Check, verdict: Verdict) -> str:
    """The money of a warning, and the worst offender."""
    measurement = verdict.measurement
    total = short_money(check, measurement.money_usd)
    text = f"; {total} at stake" if total else ""
    if measurement.offenders:
        worst = measurement.offenders[0]
        amount = short_money(check, worst.money_usd)
        text += f", most from {worst.label}{f' ({amount})' if amount else ''}"
    return text


def _people(verdicts: Iterable[Verdict], summary: Summary) -> list[str]:
    return list(
        dict.fromkeys(
            person
            for verdict in verdicts
            for person in fixers(verdict.measurement, summary.platform_owner)
        )
    )
