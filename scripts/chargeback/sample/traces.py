"""Draws and writes OpenTelemetry traces: OTLP JSON lines as the collector's file exporter does.

Four instrumentations are imitated, each with its own attributes: agents (pydantic-ai), RAG
(the official GenAI conventions), traceloop, and one with legacy names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np

from chargeback.sample.calls import DEV, ENVIRONMENTS, OK, PROD, Calls, Roster, day_start_ms
from chargeback.sample.models import ANTHROPIC, GEMINI, INDEX, MODELS, OPENAI
from chargeback.sample.prices import DayRates, spend_parts
from chargeback.sample.shapes import draw_times, draw_tokens
from chargeback.sample.text import hex_string

SPANS_PER_LINE = 64
MIRRORED = {"support-agent": 0.5, "help-centre-rag": 0.5, "pr-review-agent": 0.2}
"""Share of a feature's traces whose calls went through the gateway, which logs them too."""
SCOPES = {
    "agent": ("pydantic-ai", "2.68.0"),
    "rag": ("opentelemetry.instrumentation.genai.openai", "1.3b0"),
    "rag-anthropic": ("opentelemetry.instrumentation.genai.anthropic", "1.3b0"),
    "traceloop": ("opentelemetry.instrumentation.openai.v1", "0.62.4"),
    "traceloop-anthropic": ("opentelemetry.instrumentation.anthropic", "0.62.4"),
    "legacy": ("opentelemetry.instrumentation.openai_v2", None),
    "app": ("larkfield.app", "1.4.2"),
    "sdk": ("com.anthropic.sdk.python", "0.116.0"),
    "store": ("opentelemetry.util.genai.handler", "1.3b0"),
    "chroma": ("opentelemetry.instrumentation.chromadb", "0.62.4"),
}
_PROVIDERS = {"openai": "openai", "anthropic": "anthropic", "gemini": "gcp.gemini", "xai": "x_ai"}
_SNAPSHOTS = {
    "gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4.1": "gpt-4.1-2025-04-14", "gpt-5": "gpt-5-2025-08-07",
}  # fmt: skip
_WORDS = "the order was late and the customer asks for a refund of the delivery fee please "
_TOOLS = ("search_docs", "read_file", "query_orders", "web_lookup")
_DEV_NAMES = {"support-automation": "chatbot-squad"}
MOST_BODY = 6_000
"""Characters of a made-up message at most, where the span reports its usage as well."""


@dataclass
class Link:
    """One trace as other sources may refer to it."""

    trace_id: str
    feature: int
    start_ms: int
    end_ms: int
    user: str
    failed: bool


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


@dataclass
class _Call:
    model: int
    tokens_in: int
    cached: int
    written: int
    tokens_out: int
    reasoning: int
    response_id: str
    fails: bool
    has_usage: bool
    start_ms: int = 0
    end_ms: int = 0


@dataclass
class _Span:
    trace_id: str
    span_id: str
    parent: str
    scope: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    attributes: dict[str, Any]
    status: int = 0

    def to_otlp(self) -> dict[str, Any]:
        span: dict[str, Any] = {"traceId": self.trace_id, "spanId": self.span_id}
        if self.parent:
            span["parentSpanId"] = self.parent
        status: dict[str, Any] = {"code": self.status} if self.status else {}
        span |= {
            "name": self.name,
            "kind": self.kind,
            "startTimeUnixNano": str(self.start_ns),
            "endTimeUnixNano": str(self.end_ns),
            "attributes": _attributes(self.attributes),
            "status": status,
            "flags": 256,
        }
        return span


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"stringValue": value}


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
    spans: dict[tuple[int, int], list[_Span]] = {}
    billed: list[_Call] = []
    for feature, start_ms in zip(chosen[order].tolist(), times[order].tolist(), strict=True):
        team = int(roster.team[feature])
        user = ""
        if sizes[team] and rng.random() < 0.85:
            user = roster.users[flat[starts[team] + int(rng.integers(0, sizes[team]))]]
        environment = PROD if rng.random() < 0.9 else DEV
        writer = _Writer(rng, roster, feature, start_ms, user)
        writer.write()
        spans.setdefault((feature, environment), []).extend(writer.spans)
        result.links.append(writer.link())
        feature_id = roster.company.features[feature].feature_id
        if rng.random() < MIRRORED.get(feature_id, 0.0):
            writer.mirror(result, environment)
        else:
            billed += [call for call in writer.calls if not call.fails]
        result.call_count += len(writer.calls)
        result.span_count += len(writer.spans)
    for (feature, environment), items in sorted(spans.items()):
        resource = _resource(roster, feature, ENVIRONMENTS[environment])
        items.sort(key=lambda span: (span.end_ns, span.span_id))
        for first in range(0, len(items), SPANS_PER_LINE):
            result.lines.append(_line(resource, items[first : first + SPANS_PER_LINE]))
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


def _line(resource: dict[str, Any], spans: list[_Span]) -> str:
    scopes = []
    for scope, group in groupby(sorted(spans, key=lambda span: span.scope), lambda s: s.scope):
        name, version = SCOPES[scope]
        scopes.append(
            {
                "scope": {"name": name, "version": version} if version else {"name": name},
                "spans": [span.to_otlp() for span in group],
            }
        )
    content = {
        "resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": scopes}]
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def _usd(calls: list[_Call], rates: DayRates) -> dict[str, float]:
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


class _Writer:
    """Writes the spans of one trace."""

    def __init__(self, rng, roster: Roster, feature: int, start_ms: int, user: str):
        self.rng, self.roster, self.feature, self.user = rng, roster, feature, user
        self.item = roster.company.features[feature]
        self.dialect = self.item.profile.traced
        self.trace_id = self._hex(32)
        self.clock = start_ms * 1_000_000 + int(rng.integers(0, 1_000_000))
        self.start_ms = start_ms
        self.spans: list[_Span] = []
        self.calls: list[_Call] = []

    def _hex(self, length: int) -> str:
        return hex_string(self.rng, length)

    def _wait(self, milliseconds: float) -> int:
        self.clock += int(milliseconds * 1_000_000)
        return self.clock

    def _span(self, parent, scope, name, kind, start, attributes, status=0, span_id="") -> _Span:
        span = _Span(
            self.trace_id, span_id or self._hex(16), parent, scope, name, kind, start, self.clock,
            attributes, status,
        )  # fmt: skip
        self.spans.append(span)
        return span

    def write(self) -> None:
        """Write the trace: the request, and inside it what its dialect does."""
        root, start = self._hex(16), self.clock
        self._wait(2)
        if self.dialect == "agent":
            self._agent(root)
        else:
            if self.item.profile.index:
                self._search(root)
            self._chat(root)
        self._wait(3)
        attributes: dict[str, Any] = {
            "http.request.method": "POST",
            "http.route": f"/v1/{self.item.feature_id}",
            "http.response.status_code": 502 if self._failed() else 200,
        }
        if self.rng.random() > 0.08:
            attributes["app.feature"] = self.item.feature_id
            attributes["app.project"] = self.item.project
        if self.user:
            attributes["enduser.id"] = self.user
        name = f"POST /v1/{self.item.feature_id}"
        status = 2 if self._failed() else 0
        self._span("", "app", name, 2, start, attributes, status, root)

    def _failed(self) -> bool:
        return bool(self.calls) and self.calls[-1].fails

    def link(self) -> Link:
        """The trace as other sources may refer to it."""
        end_ms = self.clock // 1_000_000
        return Link(
            self.trace_id, self.feature, self.start_ms, end_ms, self.user, self._failed()
        )  # fmt: skip

    def _draw(self, steps: int) -> list[_Call]:
        profile, rng = self.item.profile, self.rng
        chat = [(name, share) for name, share in profile.mix if _is_chat(name)]
        shares = np.array([share for _, share in chat])
        model = INDEX[chat[int(rng.choice(len(chat), p=shares / shares.sum()))][0]]
        growth = 0.6 + 0.22 * np.arange(steps) if steps > 1 else np.ones(1)
        shape = np.full(steps, profile.shape)
        tokens_in, tokens_out = draw_tokens(
            rng, shape, profile.scale_in * growth, np.full(steps, profile.scale_out)
        )
        calls = []
        for step in range(steps):
            tokens = min(int(tokens_in[step]), 180_000)
            family = MODELS[model].family
            uses_cache = tokens > 1024 and rng.random() < profile.cached
            share = 0.0 if family == ANTHROPIC and step == 0 else 0.3 + 0.6 * rng.random()
            block = 128 if family != ANTHROPIC else 1
            cached = int(tokens * share) // block * block if uses_cache else 0
            written = int((tokens - cached) * 0.7) if uses_cache and family == ANTHROPIC else 0
            out = min(int(tokens_out[step]), 8_000)
            thinks = MODELS[model].reasons
            fails = rng.random() < 0.03
            calls.append(
                _Call(
                    model, tokens, cached, written, out, int(out * 0.4) // 64 * 64 if thinks else 0,
                    self._response_id(family), fails,
                    self.dialect == "agent" or rng.random() > 0.06,
                )
            )  # fmt: skip
            if fails:
                break
        return calls

    def _response_id(self, family: int) -> str:
        if family == ANTHROPIC:
            return f"msg_01{self._hex(22)}"
        return self._hex(22) if family == GEMINI else f"chatcmpl-{self._hex(28)}"

    def _agent(self, root: str) -> None:
        steps = 1 + int(self.rng.integers(1, self.item.profile.steps + 1))
        agent, start = self._hex(16), self.clock
        calls = self._draw(steps)
        name = self.item.feature_id
        shared = {
            "gen_ai.agent.name": name,
            "gen_ai.agent.call.id": self._hex(32),
            "gen_ai.conversation.id": self._hex(32),
        }
        for step, call in enumerate(calls):
            self._agent_chat(agent, call, shared)
            if step < len(calls) - 1:
                tool = _TOOLS[int(self.rng.integers(0, len(_TOOLS)))]
                before = self.clock
                self._wait(20 + 400 * self.rng.random())
                self._span(
                    agent, "agent", f"execute_tool {tool}", 1, before,
                    {
                        "gen_ai.operation.name": "execute_tool",
                        "gen_ai.tool.name": tool,
                        "gen_ai.tool.call.id": f"call_{self._hex(24)}",
                        **shared,
                    },
                )  # fmt: skip
        done = [call for call in calls if not call.fails]
        totals: dict[str, Any] = {}
        if done:
            totals = {
                "gen_ai.aggregated_usage.input_tokens": sum(call.tokens_in for call in done),
                "gen_ai.aggregated_usage.output_tokens": sum(call.tokens_out for call in done),
            }
            cached = sum(call.cached for call in done)
            written = sum(call.written for call in done)
            if cached:
                totals["gen_ai.aggregated_usage.cache_read.input_tokens"] = cached
            if written:
                totals["gen_ai.aggregated_usage.cache_creation.input_tokens"] = written
        self._span(
            root, "agent", f"invoke_agent {name}", 1, start,
            {
                "model_name": MODELS[calls[0].model].wire_name,
                "agent_name": name,
                **shared,
                "gen_ai.operation.name": "invoke_agent",
                "logfire.msg": f"{name} run",
                **totals,
            },
            2 if calls[-1].fails else 0, agent,
        )  # fmt: skip

    def _agent_chat(self, parent: str, call: _Call, shared: dict[str, str]) -> None:
        model, start, span_id = MODELS[call.model], self.clock, self._hex(16)
        self._wait(300 + call.tokens_out * 9)
        provider = _PROVIDERS[model.provider]
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            **shared,
            "gen_ai.provider.name": provider,
            "gen_ai.system": provider,
            "gen_ai.request.model": model.wire_name,
        }
        if not call.fails:
            attributes |= {
                "gen_ai.usage.input_tokens": call.tokens_in,
                "gen_ai.usage.output_tokens": call.tokens_out,
            }
            if call.cached:
                attributes["gen_ai.usage.cache_read.input_tokens"] = call.cached
                attributes["gen_ai.usage.details.cache_read_tokens"] = call.cached
            if call.written:
                attributes["gen_ai.usage.cache_creation.input_tokens"] = call.written
                attributes["gen_ai.usage.details.cache_write_tokens"] = call.written
            if call.reasoning:
                attributes["gen_ai.usage.details.reasoning_tokens"] = call.reasoning
            attributes |= {
                "gen_ai.response.model": _SNAPSHOTS.get(model.wire_name, model.wire_name),
                "gen_ai.response.id": call.response_id,
                "gen_ai.response.finish_reasons": ["stop"],
            }
        self._record(call, start)
        if model.family == ANTHROPIC:
            self._sdk(span_id, call, start)
        self._span(
            parent, "agent", f"chat {model.wire_name}", 3, start, attributes,
            2 if call.fails else 0, span_id,
        )  # fmt: skip

    def _record(self, call: _Call, start: int) -> None:
        call.start_ms, call.end_ms = start // 1_000_000, self.clock // 1_000_000
        self.calls.append(call)

    def _sdk(self, parent: str, call: _Call, start: int) -> None:
        """The span that Anthropic's own SDK adds for the same call."""
        model = MODELS[call.model]
        attributes: dict[str, Any] = {
            "gen_ai.provider.name": "anthropic",
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": model.wire_name,
            "http.request.method": "POST",
            "http.route": "/v1/messages",
            "http.response.status_code": 400 if call.fails else 200,
        }
        if call.fails:
            attributes["error.type"] = "invalid_request_error"
        else:
            attributes |= {
                "gen_ai.response.id": call.response_id,
                "gen_ai.response.model": model.wire_name,
                "gen_ai.usage.cache_write.input_tokens": call.written,
                "gen_ai.usage.cache_read.input_tokens": call.cached,
                "anthropic.usage.cache_creation.ephemeral_5m_input_tokens": call.written,
                "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 0,
                "anthropic.response.service_tier": "standard",
                "gen_ai.usage.output_tokens": call.tokens_out,
                "gen_ai.usage.input_tokens": call.tokens_in,
            }
        self._span(
            parent, "sdk", "anthropic.messages.create", 3, start, attributes, 2 if call.fails else 1
        )

    def _search(self, root: str) -> None:
        """Embed the question and search the index, as RAG does before it asks a model."""
        index, tokens = self.item.profile.index, 20 + int(self.rng.integers(0, 400))
        model = INDEX["embed-large" if index == "contracts" else "embed-small"]
        call = _Call(model, tokens, 0, 0, 0, 0, "", False, True)
        name, start = MODELS[model].wire_name, self.clock
        self._wait(40 + 60 * self.rng.random())
        provider = "gen_ai.system" if self.dialect == "legacy" else "gen_ai.provider.name"
        attributes = {
            "gen_ai.operation.name": "embeddings",
            provider: "openai",
            "gen_ai.request.model": name,
            "gen_ai.response.model": name,
            "gen_ai.usage.input_tokens": tokens,
        }
        scope = "legacy" if self.dialect == "legacy" else "rag"
        self._record(call, start)
        self._span(root, scope, f"embeddings {name}", 3, start, attributes)
        start = self.clock
        self._wait(8 + 40 * self.rng.random())
        attributes = {"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": index}
        if self.dialect == "legacy":
            self._span(root, "app", f"retrieve {index}", 3, start, attributes)
            return
        store = "pinecone" if index in ("products-v3", "help-centre") else "pgvector"
        attributes |= {"gen_ai.provider.name": store, "gen_ai.request.model": name}
        self._span(root, "store", f"retrieval {index}", 3, start, attributes)

    def _chat(self, root: str) -> None:
        call = self._draw(1)[0]
        model, start, span_id = MODELS[call.model], self.clock, self._hex(16)
        self._wait(250 + call.tokens_out * 8)
        is_claude = model.family == ANTHROPIC
        make = {"rag": self._official, "traceloop": self._traceloop, "legacy": self._legacy}
        attributes = make[self.dialect](call)
        if call.fails:
            attributes["error.type"] = "RateLimitError"
        scope = f"{self.dialect}-anthropic" if is_claude else self.dialect
        scope = scope if scope in SCOPES else "rag-anthropic"
        name = f"chat {model.wire_name}" if self.dialect != "traceloop" else "openai.chat"
        self._record(call, start)
        if is_claude and self.dialect != "legacy":
            self._sdk(root if self.dialect == "traceloop" else span_id, call, start)
        self._span(root, scope, name, 3, start, attributes, 2 if call.fails else 0, span_id)

    def _answer(self, call: _Call) -> dict[str, Any]:
        name = MODELS[call.model].wire_name
        return {
            "gen_ai.response.model": _SNAPSHOTS.get(name, name),
            "gen_ai.response.id": call.response_id,
            "gen_ai.response.finish_reasons": ["stop"],
        }

    def _official(self, call: _Call) -> dict[str, Any]:
        model = MODELS[call.model]
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS[model.provider],
            "gen_ai.request.model": model.wire_name,
        }
        if call.fails:
            return attributes
        attributes |= self._answer(call)
        # Anthropic's SDK span has the counts even when the instrumentation's does not.
        if not call.has_usage and model.family != ANTHROPIC:
            return attributes | {"gen_ai.request.stream": True, **self._bodies(call)}
        attributes |= {
            "gen_ai.usage.input_tokens": call.tokens_in,
            "gen_ai.usage.output_tokens": call.tokens_out,
        }
        if call.cached:
            attributes["gen_ai.usage.cache_read.input_tokens"] = call.cached
        if call.written:
            attributes["gen_ai.usage.cache_creation.input_tokens"] = call.written
        if call.reasoning:
            attributes["gen_ai.usage.reasoning.output_tokens"] = call.reasoning
        return attributes

    def _traceloop(self, call: _Call) -> dict[str, Any]:
        model = MODELS[call.model]
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS[model.provider],
            "gen_ai.request.model": model.wire_name,
            "gen_ai.is_streaming": not call.has_usage,
        }
        if call.fails:
            return attributes
        attributes |= self._answer(call) | self._bodies(call)
        if call.has_usage:
            attributes |= {
                "gen_ai.usage.total_tokens": call.tokens_in + call.tokens_out,
                "gen_ai.usage.output_tokens": call.tokens_out,
                "gen_ai.usage.input_tokens": call.tokens_in,
                "gen_ai.usage.cache_read.input_tokens": call.cached,
                "gen_ai.usage.reasoning_tokens": call.reasoning,
            }
        return attributes

    def _legacy(self, call: _Call) -> dict[str, Any]:
        model = MODELS[call.model]
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": model.wire_name,
            "gen_ai.system": _PROVIDERS[model.provider],
        }
        if call.fails:
            return attributes
        attributes |= self._answer(call)
        if not call.has_usage:
            return attributes | self._bodies(call)
        # Half of the services have an older release, with the names before these.
        is_old = int(self.trace_id[0], 16) % 2
        first, second = ("prompt", "completion") if is_old else ("input", "output")
        return attributes | {
            f"gen_ai.usage.{first}_tokens": call.tokens_in,
            f"gen_ai.usage.{second}_tokens": call.tokens_out,
        }

    def _bodies(self, call: _Call) -> dict[str, str]:
        """Made-up message bodies, four characters a token: enough to estimate usage from."""
        most = MOST_BODY if call.has_usage else 4 * call.tokens_in + 4 * call.tokens_out

        def body(tokens: int) -> str:
            length = max(1, min(tokens * 4, most))
            return (_WORDS * (length // len(_WORDS) + 1))[:length]

        question = [{"role": "user", "parts": [{"type": "text", "content": body(call.tokens_in)}]}]
        answer = [
            {
                "role": "assistant",
                "parts": [{"type": "text", "content": body(call.tokens_out)}],
                "finish_reason": "stop",
            }
        ]
        return {
            "gen_ai.input.messages": json.dumps(question),
            "gen_ai.output.messages": json.dumps(answer),
        }

    def mirror(self, result: Traces, environment: int) -> None:
        """Add this trace's answered calls to those that the gateway logs as well."""
        for call in self.calls:
            if call.fails or not call.response_id:
                continue
            result.mirrored.append(
                {
                    "feature": self.feature,
                    "model": call.model,
                    "start_ms": call.start_ms,
                    "duration_ms": call.end_ms - call.start_ms,
                    "tokens_in": call.tokens_in,
                    "cached": call.cached,
                    "write_5m": call.written,
                    "tokens_out": call.tokens_out,
                    "reasoning": call.reasoning,
                    "environment": environment,
                    "user": self.roster.user_place.get(self.user, -1),
                    "session": int(self.trace_id[:15], 16),
                }
            )
            result.mirrored_ids.append(call.response_id)


def _is_chat(name: str) -> bool:
    return MODELS[INDEX[name]].family in (OPENAI, ANTHROPIC, GEMINI)


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
    tagging = np.where(rng.random(count) < 0.6, 0, 3)
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
