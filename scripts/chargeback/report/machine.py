"""A report as JSON and as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from chargeback.gate.numbers import percent, plain, whole
from chargeback.report.model import Account, Report, Row, Usage, ratio, total_coverage, total_usage
from chargeback.report.money import amount, decimals_for

PARTS_HEAD = {
    "team": "Top features (share of team)",
    "feature": "Top models (share of feature)",
}
UNREGISTERED = "* known only from the logs, not in seeds/company/{subject}s.csv."
_MARKDOWN = re.compile(r"([\\`*_\[\]|~])")


def as_json(report: Report) -> str:
    """Every row. Money is text with all its digits; shares are numbers rounded to 6 decimals."""
    content = {
        "currency": "USD",
        "from": _day(report.period.first),
        "to": _day(report.period.last),
        "first_date": _day(report.first_date),
        "last_date": _day(report.last_date),
        "team_id": report.team_id,
        "team_name": report.team_name,
        "total": _usage_json(report.total)
        | {"tag_coverage_share": _coverage_share([*report.rows])},
        "unallocated_cost_usd": f"{report.unallocated_cost_usd:f}",
        f"{report.subject}s": [_row_json(report, row) for row in report.rows],
        "row_accounts": [vars(account) for account in report.accounts],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def as_markdown(report: Report, top: int) -> str:
    """Two tables: cost, and the account of rows."""
    decimals = decimals_for(report.total.contracted_cost_usd)
    has_coverage = report.coverage is not None
    part = PARTS_HEAD[report.subject]
    head = [report.subject.capitalize(), part, "Events", "Tokens", "Cost USD", "Share"]
    head += ["Tagged"] if has_coverage else []
    head += ["Estimated", "Unpriced events"]
    lines = [
        f"Cost per {report.subject}"
        + (f" of {escaped(report.team_name)}" if report.team_name else "")
        + f", {report.first_date} to {report.last_date} (UTC), {report.prices}.",
        "",
        _line(head),
        "|---|---|" + "---:|" * (len(head) - 2),
    ]
    cells = [
        (escaped(line.name), _parts_text(line.row, decimals) if line.row else "", line.rows)
        for line in report.lines(top)
    ]
    cells.append((f"**{report.total_name()}**", "", report.rows))
    for name, parts, rows in cells:
        usage = total_usage(rows)
        coverage = total_coverage(rows)
        line = [
            name,
            parts,
            whole(usage.event_count),
            whole(usage.token_count),
            amount(usage.contracted_cost_usd, decimals),
            percent(ratio(usage.contracted_cost_usd, report.total.contracted_cost_usd)),
        ]
        line += [percent(coverage.share if coverage else None)] if has_coverage else []
        line += [percent(usage.estimated_share), whole(usage.unpriced_event_count)]
        lines.append(_line(line))
    if report.has_unregistered:
        lines += ["", escaped(UNREGISTERED.format(subject=report.subject))]
    lines += ["", *_accounts_markdown(report.accounts)]
    return "\n".join(lines)


def escaped(text: str) -> str:
    """A name that stays text in Markdown and in the HTML made of it."""
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", text)


def _parts_text(row: Row, decimals: int) -> str:
    return ", ".join(
        f"{escaped(part.name)} {amount(part.cost_usd, decimals)}" for part in row.parts
    )


def _accounts_markdown(accounts: Sequence[Account]) -> list[str]:
    head = ["Source", "Rows read", "Events", "Duplicates", "Rejects", "Other", "Difference"]
    lines = [_line(head), "|---|" + "---:|" * (len(head) - 1)]
    for account in accounts:
        lines.append(_line([escaped(account.source_name), *map(whole, account_counts(account))]))
    return lines


def account_counts(account: Account) -> list[int]:
    """The counts of an account in the order they are shown."""
    return [
        account.row_count,
        account.event_count,
        account.duplicate_count,
        account.reject_count,
        account.other_row_count,
        account.difference_count,
    ]


def _row_json(report: Report, row: Row) -> dict[str, Any]:
    kind = "features" if report.subject == "team" else "models"
    content = {f"{report.subject}_id": row.id, f"{report.subject}_name": row.name}
    if report.subject == "team":
        content["owner"] = row.owner
    content["is_registered"] = row.is_registered
    return (
        content
        | _usage_json(row.usage)
        | {"share": _share(ratio(row.usage.contracted_cost_usd, report.total.contracted_cost_usd))}
        | ({"tag_coverage_share": _coverage_share([row])} if report.subject == "team" else {})
        | {
            f"top_{kind}": [
                {
                    f"{kind[:-1]}_id": part.id,
                    f"{kind[:-1]}_name": part.name,
                    "contracted_cost_usd": f"{part.cost_usd:f}",
                }
                for part in row.parts
            ]
        }
    )


def _usage_json(usage: Usage) -> dict[str, Any]:
    return {
        "event_count": usage.event_count,
        "token_count": usage.token_count,
        "list_cost_usd": f"{usage.list_cost_usd:f}",
        "contracted_cost_usd": f"{usage.contracted_cost_usd:f}",
        "estimated_cost_usd": f"{usage.estimated_cost_usd:f}",
        "estimated_share": _share(usage.estimated_share),
        "unpriced_event_count": usage.unpriced_event_count,
    }


def _coverage_share(rows: list[Row]) -> float | None:
    coverage = total_coverage(rows)
    return _share(coverage.share) if coverage else None


def _share(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 6)


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
