"""A report in a terminal, in 80 columns or more."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chargeback.gate.numbers import plain, short, short_percent, whole
from chargeback.report.machine import account_counts
from chargeback.report.model import Part, Report, Row, ratio, total_coverage, total_usage
from chargeback.report.money import amount, decimals_for

_WIDE = 96
_PARTS_SHOWN = 2
_NAME_WIDTH = 24


def print_report(console: Console, report: Report, top: int, next_lines: Sequence[str]) -> None:
    """Print the cost, the account of rows, and what to open next."""
    console.print(_heading(report))
    console.print(_cost_table(report, top, console.width >= _WIDE))
    console.print(_legend(report))
    console.print(Text("\nAccount of rows", "bold").append(" (all days)", "not bold dim"))
    console.print(_account_table(report))
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
        f"  {report.first_date} to {report.last_date} ({days} {plural}, UTC), list prices",
        "not bold dim",
    )
    return text


def _cost_table(report: Report, top: int, is_wide: bool) -> Table:
    shown, rest = report.top(top)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_footer=True)
    totals = _numbers(report, report.rows)
    total_name = f"{len(report.rows)} {report.subject}{'' if len(report.rows) == 1 else 's'}"
    table.expand = True
    table.add_column(
        report.subject.capitalize(),
        f"Total, {total_name}",
        no_wrap=True,
        overflow="ellipsis",
        # The other columns are numbers: the text gives way.
        ratio=None if is_wide else 1,
        max_width=_NAME_WIDTH if is_wide else None,
    )
    if is_wide:
        part = "Top features" if report.subject == "team" else "Top models"
        table.add_column(part, no_wrap=True, overflow="ellipsis", style="dim", ratio=1)
    heads = ["Events", "Tokens", "Cost USD", "Share"]
    heads += ["Tagged"] if report.coverage is not None else []
    heads += ["Est.", "Unpriced"]
    for head, total in zip(heads, totals, strict=True):
        table.add_column(head, total, justify="right", no_wrap=True)
    for row in shown:
        name = Text(plain(row.name), "yellow" if row.id == "unallocated" else "")
        parts = _parts_text(row.parts, row)
        if is_wide:
            table.add_row(name, parts, *_numbers(report, [row]))
        else:
            name.append(f"\n  {parts.plain}", "dim")
            table.add_row(name, *_numbers(report, [row]))
    if rest:
        name = Text(f"{len(rest)} more")
        table.add_row(name, *([Text("")] if is_wide else []), *_numbers(report, rest))
    return table


def _parts_text(parts: Sequence[Part], row: Row) -> Text:
    found = []
    for part in parts[:_PARTS_SHOWN]:
        share = ratio(part.list_cost_usd, row.usage.list_cost_usd)
        found.append(("" if share is None else f"{short_percent(share)} ") + plain(part.name))
    return Text(", ".join(found))


def _numbers(report: Report, rows: Sequence[Row]) -> list[str]:
    usage = total_usage(rows)
    coverage = total_coverage(rows)
    numbers = [
        whole(usage.event_count) if usage.event_count < 1_000_000 else short(usage.event_count),
        short(usage.token_count),
        amount(usage.list_cost_usd, decimals_for(report.total.list_cost_usd)),
        short_percent(ratio(usage.list_cost_usd, report.total.list_cost_usd)),
    ]
    if report.coverage is not None:
        numbers.append(short_percent(coverage.share if coverage else None))
    unpriced = usage.unpriced_event_count
    return [
        *numbers,
        short_percent(usage.estimated_share),
        whole(unpriced) if unpriced < 1_000_000 else short(unpriced),
    ]


def _legend(report: Report) -> Text:
    lines = []
    if report.subject == "team":
        cost = report.total.list_cost_usd
        owned = ratio(cost - report.unallocated_cost_usd, cost)
        if owned is not None:
            shown = amount(report.unallocated_cost_usd, decimals_for(cost))
            lines.append(f"{short_percent(owned)} of the cost has an owner, ${shown} has none.")
        lines.append("Tagged: share of the cost with a valid tag, averaged over the required tags.")
    lines.append("Est.: share of the cost from estimated token counts. Unpriced: events that have")
    lines.append("no known price; they cost nothing here and will show up on the invoice.")
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
