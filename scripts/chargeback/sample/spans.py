"""One span, and the OTLP JSON lines that the collector's file exporter writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import Any

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
"""Name and version of the instrumentation by short name."""


@dataclass
class Span:
    """One span; `scope` is a key of `SCOPES`, times are nanoseconds."""

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
        """The span as OTLP JSON."""
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


def otlp_line(resource: dict[str, Any], spans: list[Span]) -> str:
    """One line: some spans of one resource."""
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
