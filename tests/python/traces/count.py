"""Counts calls and tokens in OTLP files, knowing nothing of the project's rules.

The applications in these files make one call after another. So whatever spans of a trace say that
a model was called, and overlap in time, tell the same call; neither parents, nor instrumentations,
nor response ids are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KINDS = {"LLM": "chat", "EMBEDDING": "embeddings", "TOOL": "execute_tool", "AGENT": "invoke_agent"}
COUNTED = ("chat", "embeddings", "retrieval", "execute_tool")
INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
OUTPUT = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
)


@dataclass
class Call:
    """One call, and the least and most tokens that a span says it took; none where no span does."""

    start: int
    end: int
    fewest: int | None = None
    most: int | None = None


@dataclass
class Trace:
    """Calls of one trace by what they did."""

    calls: dict[str, list[Call]] = field(default_factory=lambda: {kind: [] for kind in COUNTED})
    has_agent: bool = False
    failed: bool = False

    @property
    def run_kind(self) -> str | None:
        """What kind of run it is; none for a single call."""
        if self.has_agent or self.calls["execute_tool"]:
            return "agent"
        return "chain" if sum(map(len, self.calls.values())) > 1 else None

    def count(self, kind: str) -> int:
        """Calls of a kind."""
        return len(self.calls[kind])


def count_traces(paths: Iterable[Path]) -> dict[str, Trace]:
    """Traces of OTLP JSON files by their ids."""
    traces: dict[str, Trace] = {}
    spans = [span for path in paths for span in _spans(path)]
    for span in sorted(spans, key=lambda span: int(span["startTimeUnixNano"])):
        trace = traces.setdefault(span["traceId"].lower(), Trace())
        values = _values(span)
        kind = _kind(values)
        trace.has_agent |= kind == "invoke_agent"
        trace.failed |= not span.get("parentSpanId") and span.get("status", {}).get("code") == 2
        if kind in COUNTED:
            _add(trace.calls[kind], span, values)
    return traces


def _add(calls: list[Call], span: dict[str, Any], values: dict[str, Any]) -> None:
    start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    if not calls or start >= calls[-1].end:
        calls.append(Call(start, end))
    call = calls[-1]
    call.end = max(call.end, end)
    found = [
        next((int(values[name]) for name in names if name in values), None)
        for names in (INPUT, OUTPUT)
    ]
    if found != [None, None]:
        tokens = sum(count or 0 for count in found)
        call.fewest = tokens if call.fewest is None else min(call.fewest, tokens)
        call.most = tokens if call.most is None else max(call.most, tokens)


def _spans(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        for resource in json.loads(line)["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                yield from scope["spans"]


def _values(span: dict[str, Any]) -> dict[str, Any]:
    return {
        item["key"]: next(iter(item["value"].values()), None) for item in span.get("attributes", [])
    }


def _kind(values: dict[str, Any]) -> str | None:
    if values.get("db.system") == "chroma":
        return "retrieval"
    kind = values.get("openinference.span.kind")
    return KINDS.get(kind) if kind else values.get("gen_ai.operation.name")
