"""Agents and chains as instrumentations write them, with made-up content.

Each function gives spans of one trace in the shape of one instrumentation; `RUNS` says what they
are: counted by hand, not by a program.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.logs import span_id, trace_id

SECOND = 1_000_000_000
# 2026-09-01, 23:59:50 UTC: every trace begins a little before midnight.
START = 1_788_307_190 * SECOND


@dataclass(frozen=True)
class Expected:
    """What a trace is, by hand; `tokens` are input and output of what is billed."""

    kind: str | None
    llm: int = 0
    tools: int = 0
    retrievals: int = 0
    embeddings: int = 0
    tokens: int = 0


class Writer:
    """Collects the spans of one trace."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.spans: list[tuple[str, dict[str, Any]]] = []

    def span(
        self,
        label: str,
        parent: str | None,
        seconds: tuple[float, float],
        scope: str,
        values: dict[str, Any],
        failed: bool = False,
    ) -> None:
        """A span from one second of the trace to another."""
        start, end = (START + int(second * SECOND) for second in seconds)
        self.spans.append(
            (
                scope,
                {
                    "traceId": trace_id(self.name),
                    "spanId": span_id(f"{self.name} {label}"),
                    "parentSpanId": span_id(f"{self.name} {parent}") if parent else "",
                    "name": label,
                    "kind": 3,
                    "startTimeUnixNano": str(start),
                    "endTimeUnixNano": str(end),
                    "attributes": [{"key": key, "value": _value(v)} for key, v in values.items()],
                    "status": {"code": 2} if failed else {},
                },
            )
        )

    def request(self, seconds: float, failed: bool = False) -> None:
        """The application's own span, at the root."""
        values = {"http.request.method": "POST", "http.route": "/v1/ask", "app.feature": "beta-bot"}
        self.span("request", None, (0, seconds), "shop.app", values, failed)


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"stringValue": value}


def _chat(
    model: str, tokens: tuple[int, int] | None, response: str | None, **more: Any
) -> dict[str, Any]:
    values = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model}
    if response:
        values |= {"gen_ai.response.model": model, "gen_ai.response.id": response}
    if tokens:
        values["gen_ai.usage.input_tokens"], values["gen_ai.usage.output_tokens"] = tokens
    return values | {name.replace("__", "."): value for name, value in more.items()}


def pydantic_ai(writer: Writer) -> None:
    """An agent that calls a tool twice; its totals repeat its calls, and so does the SDK."""
    shared = {
        "gen_ai.agent.name": "helper",
        "gen_ai.conversation.id": f"conversation {writer.name}",
    }
    writer.request(20)
    totals = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.aggregated_usage.input_tokens": 4600,
        "gen_ai.aggregated_usage.output_tokens": 240,
    }
    writer.span("agent", "request", (1, 19), "pydantic-ai", shared | totals)
    for number, tokens in enumerate([(1000, 100), (1500, 60), (2100, 80)]):
        start = 2 + 5 * number
        values = _chat("claude-sonnet-4-5-20250929", tokens, f"msg_01{writer.name}{number:016}")
        provider = {"gen_ai.provider.name": "anthropic", "gen_ai.system": "anthropic"}
        writer.span(
            f"chat {number}", "agent", (start, start + 3), "pydantic-ai", shared | provider | values
        )
        writer.span(
            f"sdk {number}",
            f"chat {number}",
            (start + 0.5, start + 2.5),
            "com.anthropic.sdk.python",
            provider | values,
        )
        if number < 2:
            tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search_docs"}
            writer.span(
                f"tool {number}", "agent", (start + 3.2, start + 4), "pydantic-ai", shared | tool
            )
            writer.span(
                f"look {number}", f"tool {number}", (start + 3.3, start + 3.9), "shop.app", {}
            )


def pydantic_ai_failing(writer: Writer) -> None:
    """An agent whose only call fails: no counts, no response id, told by both libraries."""
    writer.request(5, failed=True)
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper"}
    writer.span("agent", "request", (1, 4), "pydantic-ai", agent, failed=True)
    values = _chat("claude-sonnet-4-5-20250929", None, None) | {"gen_ai.provider.name": "anthropic"}
    writer.span("chat", "agent", (1.5, 3.5), "pydantic-ai", values, failed=True)
    values |= {"error.type": "invalid_request_error"}
    writer.span("sdk", "chat", (1.6, 3.4), "com.anthropic.sdk.python", values, failed=True)


def official(writer: Writer) -> None:
    """A chain: embed, look up, answer; one call that the SDK tells below the instrumentation."""
    writer.request(12)
    scope = "opentelemetry.instrumentation.genai"
    embedding = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "text-embedding-3-small",
        "gen_ai.usage.input_tokens": 300,
    }
    writer.span("embed", "request", (1, 2), f"{scope}.openai", embedding)
    retrieval = {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.provider.name": "pgvector",
        "gen_ai.data_source.id": "handbook",
    }
    writer.span("look up", "request", (3, 4), "opentelemetry.util.genai.handler", retrieval)
    values = _chat("claude-haiku-4-5-20251001", (2000, 150), f"msg_01{writer.name}{0:016}")
    values |= {"gen_ai.provider.name": "anthropic"}
    writer.span("chat", "request", (5, 11), f"{scope}.anthropic", values)
    writer.span("sdk", "chat", (5.2, 10.8), "com.anthropic.sdk.python", values)


def traceloop(writer: Writer) -> None:
    """A chain with a store's client; the SDK's span is a sibling of the instrumentation's."""
    writer.request(12)
    scope = "opentelemetry.instrumentation"
    embedding = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "text-embedding-3-small",
        "gen_ai.usage.total_tokens": 400,
        "gen_ai.usage.input_tokens": 400,
    }
    writer.span("embed", "request", (1, 2), f"{scope}.openai.v1", embedding)
    store = {"db.system": "chroma", "db.operation": "query"}
    writer.span("chroma.query", "request", (3, 4), f"{scope}.chromadb", store)
    values = _chat("claude-sonnet-4-5-20250929", (2500, 200), f"msg_01{writer.name}{0:016}")
    values |= {"gen_ai.provider.name": "anthropic"}
    writer.span("chat", "request", (5, 11), f"{scope}.anthropic", values)
    writer.span("sdk", "request", (5.2, 10.8), "com.anthropic.sdk.python", values)


def legacy(writer: Writer) -> None:
    """One call in a request, with the names before the conventions: no run."""
    writer.request(6)
    values = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.id": f"chatcmpl-{writer.name}-0000000000",
        "gen_ai.usage.prompt_tokens": 700,
        "gen_ai.usage.completion_tokens": 70,
    }
    writer.span("chat", "request", (1, 5), "opentelemetry.instrumentation.openai_v2", values)


def openinference(writer: Writer) -> None:
    """An agent inside an agent, calls without response ids, a tool; no request above it."""
    scope = "openinference.instrumentation.langchain"
    session = {"session.id": f"session {writer.name}"}
    writer.span("plan", None, (0, 20), scope, {"openinference.span.kind": "AGENT"} | session)
    writer.span("work", "plan", (1, 19), scope, {"openinference.span.kind": "AGENT"})
    for number, (tokens_in, tokens_out) in enumerate([(800, 40), (1200, 90)]):
        values = {
            "openinference.span.kind": "LLM",
            "llm.provider": "openai",
            "llm.model_name": "gpt-4o-2024-08-06",
            "llm.token_count.prompt": tokens_in,
            "llm.token_count.completion": tokens_out,
        }
        writer.span(f"llm {number}", "work", (2 + 8 * number, 6 + 8 * number), scope, values)
    tool = {"openinference.span.kind": "TOOL", "gen_ai.tool.name": "calculator"}
    writer.span("tool", "work", (7, 8), scope, tool)


RUNS: dict[Callable[[Writer], None], Expected] = {
    pydantic_ai: Expected("agent", llm=3, tools=2, tokens=4840),
    pydantic_ai_failing: Expected("agent", llm=1),
    official: Expected("chain", llm=1, retrievals=1, embeddings=1, tokens=2450),
    traceloop: Expected("chain", llm=1, retrievals=1, embeddings=1, tokens=3100),
    legacy: Expected(None, llm=1, tokens=770),
    openinference: Expected("agent", llm=2, tools=1, tokens=2130),
}


def write_files(folder: Path) -> list[Path]:
    """One OTLP JSON file a dialect, each with two traces of it."""
    folder.mkdir(parents=True)
    paths = []
    for write in RUNS:
        path = folder / f"{write.__name__}.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for copy in ("a", "b"):
                writer = Writer(f"{write.__name__}-{copy}")
                write(writer)
                for scope, span in writer.spans:
                    scopes = [{"scope": {"name": scope}, "spans": [span]}]
                    resource = {"attributes": []}
                    message = {"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]}
                    lines.write(json.dumps(message) + "\n")
        paths.append(path)
    return paths
