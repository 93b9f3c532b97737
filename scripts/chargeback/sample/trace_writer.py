"""Writes the spans of one trace as four instrumentations would, each with its own attributes.

Agents (pydantic-ai), RAG (the official GenAI conventions), traceloop, and one with legacy names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chargeback.sample.calls import Roster
from chargeback.sample.models import ANTHROPIC, GEMINI, INDEX, MODELS, OPENAI
from chargeback.sample.shapes import draw_tokens
from chargeback.sample.spans import SCOPES, Span
from chargeback.sample.text import hex_string

_PROVIDERS = {"openai": "openai", "anthropic": "anthropic", "gemini": "gcp.gemini", "xai": "x_ai"}
_SNAPSHOTS = {
    "gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4.1": "gpt-4.1-2025-04-14", "gpt-5": "gpt-5-2025-08-07",
}  # fmt: skip
_WORDS = "the order was late and the customer asks for a refund of the delivery fee please "
_TOOLS = ("search_docs", "read_file", "query_orders", "web_lookup")
MOST_BODY = 6_000
"""Characters of a made-up message at most, where the span reports its usage as well."""
_GOES_ON, _GETS_STUCK = 0.35, 0.02
"""Share of agent runs that go on with a conversation, and that repeat a tool without end."""


@dataclass
class Link:
    """One trace as other sources may refer to it."""

    trace_id: str
    feature: int
    start_ms: int
    end_ms: int
    user: str
    failed: bool


@dataclass(frozen=True)
class Conversation:
    """The conversation that an agent's last run was part of, and how long it was then."""

    conversation_id: str
    tokens: int


@dataclass
class TracedCall:
    """A model call of a trace; `written` is its cache write, always for five minutes."""

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


class TraceWriter:
    """Writes the spans of one trace; `conversation` is the one that it may go on with."""

    def __init__(
        self,
        rng,
        roster: Roster,
        feature: int,
        start_ms: int,
        user: str,
        conversation: Conversation | None = None,
    ):
        self.rng, self.roster, self.feature, self.user = rng, roster, feature, user
        self.conversation = conversation
        self.item = roster.company.features[feature]
        self.dialect = self.item.profile.traced
        self.trace_id = self._hex(32)
        self.clock = start_ms * 1_000_000 + int(rng.integers(0, 1_000_000))
        self.start_ms = start_ms
        self.spans: list[Span] = []
        self.calls: list[TracedCall] = []

    def _hex(self, length: int) -> str:
        return hex_string(self.rng, length)

    def _wait(self, milliseconds: float) -> int:
        self.clock += int(milliseconds * 1_000_000)
        return self.clock

    def _span(self, parent, scope, name, kind, start, attributes, status=0, span_id="") -> Span:
        span = Span(
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

    def _draw(self, steps: int, carried: int = 0) -> list[TracedCall]:
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
            tokens = min(int(tokens_in[step]) + carried, 180_000)
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
                TracedCall(
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
        # A generator of its own: what it decides changes no other trace.
        fate = np.random.default_rng(int(self.trace_id[:16], 16))
        earlier = self.conversation if fate.random() < _GOES_ON else None
        calls = self._draw(steps, earlier.tokens if earlier else 0)
        name = self.item.feature_id
        shared = {
            "gen_ai.agent.name": name,
            "gen_ai.agent.call.id": self._hex(32),
            "gen_ai.conversation.id": self._hex(32),
        }
        if earlier:
            shared["gen_ai.conversation.id"] = earlier.conversation_id
        for step, call in enumerate(calls):
            self._agent_chat(agent, call, shared)
            if step < len(calls) - 1:
                self._agent_tool(agent, int(self.rng.integers(0, len(_TOOLS))), shared)
        if fate.random() < _GETS_STUCK and not calls[-1].fails:
            calls += self._agent_stuck(fate, agent, calls[-1], shared)
        self.conversation = Conversation(
            shared["gen_ai.conversation.id"], calls[-1].tokens_in + calls[-1].tokens_out
        )
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

    def _agent_tool(self, agent: str, place: int, shared: dict[str, str]) -> None:
        tool, before = _TOOLS[place], self.clock
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

    def _agent_stuck(
        self, fate: np.random.Generator, agent: str, last: TracedCall, shared: dict[str, str]
    ) -> list[TracedCall]:
        """The agent asks for the same tool again and again, with hardly another prompt."""
        self.rng, usual = fate, self.rng
        place, calls = int(fate.integers(0, len(_TOOLS))), []
        for number in range(6 + int(fate.integers(0, 10))):
            self._agent_tool(agent, place, shared)
            again = replace(
                last,
                tokens_in=last.tokens_in + 3 * number,
                response_id=self._response_id(MODELS[last.model].family),
            )
            self._agent_chat(agent, again, shared)
            calls.append(again)
        self.rng = usual
        return calls

    def _agent_chat(self, parent: str, call: TracedCall, shared: dict[str, str]) -> None:
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

    def _record(self, call: TracedCall, start: int) -> None:
        call.start_ms, call.end_ms = start // 1_000_000, self.clock // 1_000_000
        self.calls.append(call)

    def _sdk(self, parent: str, call: TracedCall, start: int) -> None:
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
        call = TracedCall(model, tokens, 0, 0, 0, 0, "", False, True)
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

    def _answer(self, call: TracedCall) -> dict[str, Any]:
        name = MODELS[call.model].wire_name
        return {
            "gen_ai.response.model": _SNAPSHOTS.get(name, name),
            "gen_ai.response.id": call.response_id,
            "gen_ai.response.finish_reasons": ["stop"],
        }

    def _left(self, call: TracedCall, attributes: dict[str, Any]) -> dict[str, Any]:
        """A third of the streams without usage were left: they don't say how they ended."""
        if MODELS[call.model].family != ANTHROPIC and int(call.response_id[-1], 16) % 8 < 3:
            del attributes["gen_ai.response.finish_reasons"]
        return attributes

    def _official(self, call: TracedCall) -> dict[str, Any]:
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
            attributes |= {"gen_ai.request.stream": True, **self._bodies(call)}
            return self._left(call, attributes)
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

    def _traceloop(self, call: TracedCall) -> dict[str, Any]:
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
        return attributes if call.has_usage else self._left(call, attributes)

    def _legacy(self, call: TracedCall) -> dict[str, Any]:
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

    def _bodies(self, call: TracedCall) -> dict[str, str]:
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


def _is_chat(name: str) -> bool:
    return MODELS[INDEX[name]].family in (OPENAI, ANTHROPIC, GEMINI)
