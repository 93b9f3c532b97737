"""Draws business outcomes: tickets, pull requests, opportunities and so on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from chargeback.sample.calls import Roster, day_start_ms
from chargeback.sample.shapes import draw_times
from chargeback.sample.text import hex_string
from chargeback.sample.trace_writer import Link

COLUMNS = (
    "outcome_id", "outcome_type", "occurred_at", "team", "feature", "trace_id", "quantity", "value",
    "currency",
)  # fmt: skip
FEATURES = {
    "support-agent": ("ticket_resolved", 9.0), "reply-drafts": ("ticket_resolved", 5.0),
    "help-centre-rag": ("ticket_resolved", 4.0), "ticket-summary": ("ticket_resolved", 1.5),
    "pr-review-agent": ("pr_merged", 5.0), "migration-agent": ("pr_merged", 0.6),
    "lead-research-agent": ("opportunity_created", 0.7),
    "outreach-drafts": ("opportunity_created", 0.5), "rfp-answers": ("opportunity_created", 0.1),
    "campaign-copy": ("campaign_asset", 1.2), "ad-variants": ("campaign_asset", 1.4),
    "seo-briefs": ("campaign_asset", 0.4), "weekly-report-writer": ("report", 0.3),
    "dashboard-narratives": ("report", 0.5), "onboarding-assistant": ("onboarding", 0.08),
}  # fmt: skip
"""Outcome type and relative number of outcomes by feature."""


def draw_outcomes(
    rng: np.random.Generator, roster: Roster, day: date, count: int, links: list[Link]
) -> list[list[str]]:
    """Draw a day's outcomes as CSV rows; some name the trace that brought them about."""
    features = roster.company.features
    places = {item.feature_id: place for place, item in enumerate(features)}
    rows: list[list[str]] = []
    for link in links:
        name = features[link.feature].feature_id
        if name in FEATURES and not link.failed and rng.random() < 0.45:
            delay = timedelta(minutes=2 + int(rng.integers(0, 240)))
            rows.append(_row(rng, roster, link.feature, _at(link.end_ms) + delay, link.trace_id))
    names = list(FEATURES)
    weights = np.array([weight for _, weight in FEATURES.values()])
    chosen = rng.choice(len(names), max(count - len(rows), 0), p=weights / weights.sum())
    place = np.array([places[name] for name in names])[chosen]
    times = draw_times(rng, np.zeros(len(place), dtype=np.int64)) + day_start_ms(day)
    for feature, moment in zip(place.tolist(), times.tolist(), strict=True):
        rows.append(_row(rng, roster, feature, _at(moment), ""))
    rows.sort(key=lambda row: (row[2], row[0]))
    return rows


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(tzinfo=None)


def _row(rng, roster: Roster, feature: int, at: datetime, trace_id: str) -> list[str]:
    item = roster.company.features[feature]
    kind = FEATURES[item.feature_id][0]
    value = currency = ""
    if kind == "opportunity_created":
        value, currency = f"{int(rng.integers(40, 900)) * 100}.00", "USD"
    quantity = str(int(rng.integers(1, 6))) if kind == "campaign_asset" else "1"
    # A few systems only know the team.
    feature_id = "" if not trace_id and rng.random() < 0.05 else item.feature_id
    return [
        f"out-{hex_string(rng, 20)}", kind, at.isoformat(sep=" "),
        roster.company.teams[item.team].team_id, feature_id, trace_id, quantity, value, currency,
    ]  # fmt: skip
