"""Draws the OpenTelemetry traces of a day, and the calls that the gateway logs as well."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from chargeback.sample.calls import (
    DEV,
    ENVIRONMENTS,
    OK,
    PROD,
    TAGS,
    UNTAGGED,
    Calls,
    Roster,
    day_start_ms,
)  # fmt: skip
from chargeback.sample.models import MODELS
from chargeback.sample.prices import DayRates, spend_parts
from chargeback.sample.shapes import draw_times
from chargeback.sample.spans import Span, otlp_line
from chargeback.sample.trace_writer import Conversation, Link, TracedCall, TraceWriter

SPANS_PER_LINE = 64
MIRRORED = {"support-agent": 0.5, "help-centre-rag": 0.5, "pr-review-agent": 0.2}
"""Share of a feature's traces whose calls went through the gateway, which logs them too."""
_DEV_NAMES = {"support-automation": "chatbot-squad"}


@dataclass
class Traces:
    """A day's traces: OTLP lines, links to them, and the calls that the gateway logs as well."""

    lines: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    mirrored: list[dict[str, int]] = field(default_factory=list)
    mirrored_ids: list[str] = field(default_factory=list)
    usd: dict[str, float] = field(default_factory=dict)
    span_count: int = 0
    call_count: int = 0


def draw_traces(
    rng: np.random.Generator, roster: Roster, day: date, count: int, rates: DayRates
) -> Traces:
    """Draw one day's traces."""
    result = Traces()
    traced = [
        place for place, item in enumerate(roster.company.features) if item.profile.traced
    ]  # fmt: skip
    weights = np.array([roster.weight[place] for place in traced]) ** 0.6
    chosen = rng.choice(traced, count, p=weights / weights.sum())
    times = draw_times(rng, roster.schedule[chosen]) + day_start_ms(day)
    order = np.argsort(times, kind="stable")
    flat, starts, sizes = roster.members(day)
    spans: dict[tuple[int, int], list[Span]] = {}
    billed: list[TracedCall] = []
    conversations: dict[int, Conversation | None] = {}
    for feature, start_ms in zip(chosen[order].tolist(), times[order].tolist(), strict=True):
        team = int(roster.team[feature])
        user = ""
        if sizes[team] and rng.random() < 0.85:
            user = roster.users[flat[starts[team] + int(rng.integers(0, sizes[team]))]]
        environment = PROD if rng.random() < 0.9 else DEV
        writer = TraceWriter(rng, roster, feature, start_ms, user, conversations.get(feature))
        writer.write()
        conversations[feature] = writer.conversation
        spans.setdefault((feature, environment), []).extend(writer.spans)
        result.links.append(writer.link())
        feature_id = roster.company.features[feature].feature_id
        if rng.random() < MIRRORED.get(feature_id, 0.0):
            _mirror(writer, result, environment)
        else:
            billed += [call for call in writer.calls if not call.fails]
        result.call_count += len(writer.calls)
        result.span_count += len(writer.spans)
    for (feature, environment), items in sorted(spans.items()):
        resource = _resource(roster, feature, ENVIRONMENTS[environment])
        items.sort(key=lambda span: (span.end_ns, span.span_id))
        for first in range(0, len(items), SPANS_PER_LINE):
            result.lines.append(otlp_line(resource, items[first : first + SPANS_PER_LINE]))
    result.usd = _usd(billed, rates)
    return result


def _resource(roster: Roster, feature: int, environment: str) -> dict[str, Any]:
    item = roster.company.features[feature]
    team = roster.company.teams[item.team].team_id
    values = {
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": "1.45.2",
        "service.name": f"{item.project}-api",
        "service.version": "1.4.2",
        "service.namespace": "larkfield",
        "deployment.environment.name": environment,
        "team.name": _DEV_NAMES.get(team, team) if environment == "dev" else team,
    }
    if item.feature_id == "interview-notes":
        del values["team.name"]
    return values


def _usd(calls: list[TracedCall], rates: DayRates) -> dict[str, float]:
    if not calls:
        return {}
    columns = np.array(
        [
            [call.model, call.start_ms, call.tokens_in, call.cached, call.written, call.tokens_out]
            for call in calls
        ],
        dtype=np.int64,
    ).T
    model, start_ms, tokens_in, cached, written, tokens_out = columns
    none = np.zeros(len(calls), dtype=np.int64)
    parts = spend_parts(rates, model, none, start_ms, tokens_in, cached, written, none, tokens_out)
    usd: dict[str, float] = {}
    for place, amount in zip(model.tolist(), (parts[0] + parts[3]).tolist(), strict=True):
        name = MODELS[place].price_provider
        usd[name] = usd.get(name, 0.0) + amount
    return usd


def _mirror(writer: TraceWriter, result: Traces, environment: int) -> None:
    """Add a trace's answered calls to those that the gateway logs as well."""
    for call in writer.calls:
        if call.fails or not call.response_id:
            continue
        result.mirrored.append(
            {
                "feature": writer.feature,
                "model": call.model,
                "start_ms": call.start_ms,
                "duration_ms": call.end_ms - call.start_ms,
                "tokens_in": call.tokens_in,
                "cached": call.cached,
                "write_5m": call.written,
                "tokens_out": call.tokens_out,
                "reasoning": call.reasoning,
                "environment": environment,
                "user": writer.roster.user_place.get(writer.user, -1),
                "session": int(writer.trace_id[:15], 16),
            }
        )
        result.mirrored_ids.append(call.response_id)


def mirrored_calls(rng: np.random.Generator, roster: Roster, traces: Traces) -> Calls | None:
    """The gateway rows of calls that traces also show, or None."""
    rows = traces.mirrored
    if not rows:
        return None
    count = len(rows)

    def column(name: str) -> np.ndarray:
        return np.array([row[name] for row in rows], dtype=np.int64)

    zeros, none = np.zeros(count, dtype=np.int64), np.full(count, -1)
    feature, environment = column("feature"), column("environment")
    # The gateway sees tags on some of these only: the trace fills what is missing.
    tagging = np.where(rng.random(count) < 0.6, TAGS, UNTAGGED)
    key = np.where(environment == DEV, roster.dev_key[feature], roster.service_key[feature])
    return Calls(
        feature=feature,
        model=column("model"),
        start_ms=column("start_ms"),
        duration_ms=column("duration_ms"),
        first_token_ms=column("duration_ms") // 3,
        tokens_in=column("tokens_in"),
        cached=column("cached"),
        write_5m=column("write_5m"),
        write_1h=zeros,
        tokens_out=column("tokens_out"),
        reasoning=column("reasoning"),
        tier=zeros,
        environment=environment,
        key=key,
        user=column("user"),
        tagging=tagging,
        is_eval=np.zeros(count, dtype=bool),
        outcome=np.full(count, OK),
        retries=zeros,
        asked_model=none,
        session=column("session").astype(np.uint64),
        late_days=zeros,
        variant=np.zeros(count, dtype=bool),
        source=none,
        trace=np.arange(count),
    )
