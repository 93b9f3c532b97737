"""Makes the Data Docs readable from a disk: no scripts, no network, a first page with the verdict.

Great Expectations' pages fetch styles, fonts and scripts from public servers and wait for them.
Here each page keeps its content and gets one small style sheet of our own.
"""

from __future__ import annotations

import html
import re
import shutil
from importlib import resources
from pathlib import Path

from chargeback.gate.catalog import BY_KEY
from chargeback.gate.checks import Check
from chargeback.gate.results import Offender, Status, Verdict, count
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

STYLE = "style.css"
_OURS = ("validations", "expectations", "static")
# Fonts and pictures of the site that Great Expectations writes; none of our pages uses them.
_UNUSED = "static"

_SCRIPT = re.compile(r"<script\b[^>]*>.*?</script\s*>", re.DOTALL | re.IGNORECASE)
_STYLE_LINK = re.compile(r"<link\b[^>]*>", re.IGNORECASE)
_REMOTE_STYLE = re.compile(r"<style\b[^>]*>.*?</style\s*>", re.DOTALL | re.IGNORECASE)
_REMOTE_IMAGE = re.compile(r"<img\b[^>]*\bsrc=\"https?:[^>]*>", re.DOTALL | re.IGNORECASE)
_FOOTER = re.compile(r"<footer\b[^>]*>.*?</footer\s*>", re.DOTALL | re.IGNORECASE)
_HANDLER = re.compile(r"\son[a-z]+=\"[^\"]*\"", re.IGNORECASE)
_INLINE_STYLE = re.compile(r"\sstyle=\"[^\"]*\"", re.IGNORECASE)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL | re.IGNORECASE)
# It calls a page failed whichever limit is broken; only a critical one fails the gate.
_FAILED = re.compile(r"<i class=\"fas fa-times text-danger\"[^>]*></i>\s*Failed")
_ONLY_WARNING = (
    '<i class="fas fa-exclamation-triangle text-warning" aria-hidden="true"></i> Warning: '
    "no critical limit is broken"
)
_HEAD_END = re.compile(r"</head>", re.IGNORECASE)
# Great Expectations names the section after the column; here every column is the check's number.
_SECTION = re.compile(r"(?<=>)\s*observed\s*(?=</(?:h5|a|strong)>)")


def clear(site_dir: Path) -> None:
    """Remove the pages of an earlier run."""
    for name in _OURS:
        shutil.rmtree(site_dir / name, ignore_errors=True)
    for name in ("index.html", STYLE):
        (site_dir / name).unlink(missing_ok=True)
    site_dir.mkdir(parents=True, exist_ok=True)


def finish(site_dir: Path, summary: Summary) -> Path:
    """Make every page of Great Expectations' site self-contained, and write the first page."""
    style = resources.files(__package__).joinpath(STYLE).read_text(encoding="utf-8")
    (site_dir / STYLE).write_text(style, encoding="utf-8")
    shutil.rmtree(site_dir / _UNUSED, ignore_errors=True)
    failed = {verdict.page for verdict in summary.verdicts if verdict.status == Status.CRITICAL}
    for page in site_dir.rglob("*.html"):
        depth = len(page.relative_to(site_dir).parts) - 1
        content = page.read_text(encoding="utf-8")
        content = self_contained(content, page.stem, "../" * depth)
        if page.relative_to(site_dir).as_posix() not in failed:
            content = _FAILED.sub(_ONLY_WARNING, content)
        page.write_text(content, encoding="utf-8")
    index = site_dir / "index.html"
    index.write_text(first_page(summary, _suite_pages(site_dir)), encoding="utf-8")
    return index


def self_contained(page: str, name: str, to_root: str) -> str:
    """A page without scripts or anything remote, with our style sheet."""
    for pattern in (_SCRIPT, _STYLE_LINK, _REMOTE_STYLE, _FOOTER, _HANDLER, _INLINE_STYLE):
        page = pattern.sub("", page)
    page = _REMOTE_IMAGE.sub("Quality gate", page)
    page = _SECTION.sub("Limits", page)
    page = _TITLE.sub("", page)
    head = (
        f"<title>{html.escape(name)} - quality gate</title>"
        f'<link rel="stylesheet" href="{to_root}{STYLE}">'
    )
    return _HEAD_END.sub(lambda _: f"{head}</head>", page, count=1)


def first_page(summary: Summary, suites: dict[str, str]) -> str:
    """The first page: every check with its number, its limit, the money and who can fix it."""
    rows = "\n".join(_row(summary, verdict) for verdict in summary.verdicts)
    broken = "".join(
        _section(summary, heading, status)
        for heading, status in (("Critical", Status.CRITICAL), ("Warnings", Status.WARNING))
    )
    links = " ".join(
        f'<a href="{html.escape(path)}">{html.escape(name)}</a>' for name, path in suites.items()
    )
    failed = count(summary.verdicts, Status.CRITICAL)
    state = "critical" if failed else "passed"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quality gate</title>
<link rel="stylesheet" href="{STYLE}">
</head>
<body class="first-page">
<h1>Quality gate <span class="status {state}">{"failed" if failed else "passed"}</span></h1>
<p class="lead">{html.escape(summary.headline())}.<br>
{_times(summary)} Money is list cost in US dollars; ~ marks an estimate.
Limits are in <code>quality_gate.yml</code> and, for tags, in
<code>seeds/company/tag_requirements.csv</code>.</p>
{broken}
<h2>All checks</h2>
<div class="wide">
<table class="checks">
<thead><tr><th>Check</th><th>Result</th><th>Observed</th><th>Limit</th><th>At stake</th>
<th>Who can fix it</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>
<h2>Expectations</h2>
<p>As Great Expectations has them: {links}</p>
</body>
</html>
"""


def _times(summary: Summary) -> str:
    checked = f"Checked {summary.checked_at:%Y-%m-%d %H:%M} UTC"
    if summary.as_of == summary.checked_at:
        return f"{checked}."
    return f"{checked}, ages as of {summary.as_of:%Y-%m-%d %H:%M} UTC."


def _row(summary: Summary, verdict: Verdict) -> str:
    measurement = verdict.measurement
    check = BY_KEY[measurement.check]
    name = html.escape(title(check, measurement.subject))
    if verdict.page:
        name = f'<a href="{html.escape(verdict.page)}">{name}</a>'
    observed = html.escape(value_text(check, measurement.observed))
    if measurement.note:
        observed += f"<br><small>{html.escape(measurement.note)}</small>"
    allowed = "<br>".join(
        f"{_with_signs(limit_text(check, limit))} <small>{limit.severity}</small>"
        for limit in measurement.limits
    )
    is_broken = verdict.broken is not None
    stake = html.escape(short_money(check, measurement.money_usd) or "-") if is_broken else ""
    who = ", ".join(fixers(measurement, summary.platform_owner)) if is_broken else ""
    return (
        f"<tr><td>{name}</td><td>{_badge(verdict.status)}</td><td>{observed}</td><td>{allowed}</td>"
        f'<td class="money">{stake}</td><td>{html.escape(who)}</td></tr>'
    )


def _section(summary: Summary, heading: str, status: Status) -> str:
    chosen = [verdict for verdict in summary.verdicts if verdict.status == status]
    if not chosen:
        return ""
    return f"<h2>{heading}</h2>\n" + "\n".join(_broken(summary, verdict) for verdict in chosen)


def _broken(summary: Summary, verdict: Verdict) -> str:
    measurement = verdict.measurement
    check = BY_KEY[measurement.check]
    assert verdict.broken is not None
    items = "".join(_item(check, offender) for offender in measurement.offenders)
    note = f" ({measurement.note})" if measurement.note else ""
    facts = {
        "Expected": html.escape(sentence(check, measurement, verdict.broken)),
        "Observed": html.escape(f"{value_text(check, measurement.observed)}{note}"),
        "At stake": html.escape(money_text(check, measurement)),
        "Who can fix it": html.escape(", ".join(fixers(measurement, summary.platform_owner))),
        "How": _with_code(check.fix),
    }
    listed = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in facts.items())
    return (
        f'<div class="broken {verdict.status}">'
        f"<h3>{_with_signs(headline(check, measurement, verdict.broken))}</h3>"
        f"<dl>{listed}</dl>" + (f"<ul>{items}</ul>" if items else "") + "</div>"
    )


def _item(check: Check, offender: Offender) -> str:
    amount = short_money(check, offender.money_usd)
    return (
        f"<li><b>{html.escape(offender.label)}</b>: {html.escape(offender.note)}"
        + (f", {html.escape(amount)}" if amount else "")
        + (f" <small>{html.escape(offender.owner)}</small>" if offender.owner else "")
        + "</li>"
    )


def _with_code(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _with_signs(text: str) -> str:
    return html.escape(text).replace("&gt;= ", "≥ ").replace("&lt;= ", "≤ ")


def _badge(status: Status) -> str:
    return f'<span class="status {status.replace(" ", "-")}">{status}</span>'


def _suite_pages(site_dir: Path) -> dict[str, str]:
    return {
        page.stem: page.relative_to(site_dir).as_posix()
        for page in sorted((site_dir / "expectations").rglob("*.html"))
    }
