"""A report in a terminal, in 80 columns or more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from chargeback.gate.numbers import plain, rounded, short, short_percent, whole
from chargeback.report.machine import PARTS_HEAD, UNREGISTERED, account_counts
from chargeback.report.model import (
    UNALLOCATED,
    Line,
    Report,
    Row,
    ratio,
    total_coverage,
    total_usage,
)
from chargeback.report.money import amount, decimals_for

_NAME_WIDTH = 24
_LEAST_PARTS_WIDTH = 10


@dataclass(frozen=True)
class _Column:
    """A column of numbers, shown in terminals of at least `least_width` columns."""

    head: str
    text: Callable[[Report, Sequence[Row]], str]
    least_width: int = 0


def print_report(console: Console, report: Report, top: int, next_lines: Sequence[str]) -> None:
    """Print the cost, the account of rows, and what to open next."""
    console.print(_heading(report))
    console.print(_cost_table(report, top, console.width))
    console.print(_legend(report))
    console.print(Text("\nAccount of rows", "bold").append("  all days", "not bold dim"))
    console.print(_account_table(report))
    console.print(Text("Other: spans that are no calls. The difference must be 0.", "dim"))
    if next_lines:
        console.print(Text("\nWhat to open next", "bold"))
        for line in next_lines:
            console.print(Text(plain(line)), soft_wrap=True)


def _heading(report: Report) -> Text:
    text = Text(f"\nCost per {report.subject}", "bold")
    if report.team_name:
        text.append(f" of {plain(report.team_name)}")
    days = (report.last_date - report.first_date).days + 1
    plural = "day" if days == 1 else "days"
    text.append(
        f"  {report.first_date} to {report.last_date} ({days} {plural}, UTC), {report.prices}",
        "not bold dim",
    )
    return text


def _cost(report: Report, rows: Sequence[Row]) -> str:
    return amount(
        total_usage(rows).contracted_cost_usd, decimals_for(report.total.contracted_cost_usd)
    )


def _share(report: Report, rows: Sequence[Row]) -> str:
    return short_percent(
        ratio(total_usage(rows).contracted_cost_usd, report.total.contracted_cost_usd)
    )


def _tagged(report: Report, rows: Sequence[Row]) -> str:
    coverage = total_coverage(rows)
    return short_percent(coverage.share if coverage else None)


_COLUMNS = (
    _Column("Cost USD", _cost),
    _Column("Share", _share),
    _Column("Tagged", _tagged),
    _Column("Events", lambda _, rows: _count(total_usage(rows).event_count), 96),
    _Column("Unpriced", lambda _, rows: _count(total_usage(rows).unpriced_event_count), 96),
    _Column("Tokens", lambda _, rows: short(total_usage(rows).token_count), 118),
    _Column("Estimated", lambda _, rows: short_percent(total_usage(rows).estimated_share), 118),
)


def _cost_table(report: Report, top: int, width: int) -> Table:
    columns = [
        column
        for column in _COLUMNS
        if width >= column.least_width and (column.text is not _tagged or report.coverage)
    ]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_footer=True)
    table.expand = True
    table.add_column(
        report.subject.capitalize(),
        report.total_name(),
        no_wrap=True,
        overflow="ellipsis",
        max_width=_NAME_WIDTH,
    )
    for column in columns:
        footer = column.text(report, report.rows)
        table.add_column(column.head, footer, justify="right", no_wrap=True)
    table.add_column(PARTS_HEAD[report.subject], no_wrap=True, overflow="ellipsis", ratio=1)
    for line in report.lines(top):
        style = "yellow" if line.row is not None and line.row.id == UNALLOCATED else ""
        table.add_row(
            Text(plain(line.name), style),
            *(column.text(report, line.rows) for column in columns),
            _Parts(_part_texts(line)),
        )
    return table


class _Parts:
    """As many parts as fit into the column: a name that is cut helps nobody."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = self.texts[:1]
        for count in range(2, len(self.texts) + 1):
            if Text(", ".join(self.texts[:count])).cell_len <= options.max_width:
                shown = self.texts[:count]
        yield Text(", ".join(shown), "dim", no_wrap=True, overflow="ellipsis")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        longest = Text(", ".join(self.texts)).cell_len
        return Measurement(min(_LEAST_PARTS_WIDTH, options.max_width), longest)


def _part_texts(line: Line) -> list[str]:
    if line.row is None:
        return []
    texts = []
    for part in line.row.parts:
        share = ratio(part.cost_usd, line.row.usage.contracted_cost_usd)
        texts.append(plain(part.name) + ("" if share is None else f" {short_percent(share)}"))
    return texts


def _count(value: int) -> str:
    return whole(value) if value < 1_000_000 else short(value)


def _legend(report: Report) -> Text:
    total = report.total
    decimals = decimals_for(total.contracted_cost_usd)
    lines = [f"{_count(total.event_count)} events, {short(total.token_count)} tokens."]
    owned = ratio(
        total.contracted_cost_usd - report.unallocated_cost_usd, total.contracted_cost_usd
    )
    if report.subject == "team" and owned is not None:
        without = amount(report.unallocated_cost_usd, decimals)
        lines[0] += f" {short_percent(owned)} of the cost has an owner, ${without} has none."
    if total.agreed_usd:
        # The difference of what is shown, so that the three figures add up.
        shown = rounded(total.list_cost_usd, decimals) - rounded(
            total.contracted_cost_usd, decimals
        )
        lines.append(
            f"List cost ${amount(total.list_cost_usd, decimals)}, "
            f"{'less' if total.agreed_usd > 0 else 'plus'} "
            f"${amount(abs(shown or total.agreed_usd), decimals)} by what is agreed with providers."
        )
    if report.coverage is not None:
        lines.append("Tagged: share of the cost with a valid tag, averaged over the required tags.")
    if total.unpriced_event_count:
        count = total.unpriced_event_count
        what = (
            "1 event has no known price. It counts"
            if count == 1
            else f"{_count(count)} events have no known price. They count"
        )
        lines.append(f"Unpriced: {what} as 0 here and will be on the invoice.")
    if total.estimated_cost_usd:
        most = max(report.rows, key=lambda row: row.usage.estimated_cost_usd)
        lines.append(
            f"Estimated: {short_percent(total.estimated_share)} of the list cost "
            f"(${amount(total.estimated_cost_usd, decimals)}) is from estimated token counts, "
            f"most in {plain(most.name)}."
        )
    if report.has_unregistered:
        lines.append(UNREGISTERED.format(subject=report.subject))
    return Text("\n".join(lines), "dim")


def _account_table(report: Report) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Source")
    for head in ("Rows read", "Events", "Duplicates", "Rejects", "Other", "Difference"):
        table.add_column(head, justify="right", no_wrap=True)
    for account in report.accounts:
        *counts, difference = account_counts(account)
        style = "bold red" if difference else "green"
        table.add_row(
            Text(plain(account.source_name)),
            *(whole(count) for count in counts),
            Text(whole(difference), style),
        )
    return table
