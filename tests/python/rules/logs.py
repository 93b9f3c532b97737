"""Raw rows in the documented formats (docs/reference/raw-formats.md), and the load they come in."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FIRST, SECOND, THIRD = 1, 2, 3
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Any time at which the prices of the models used here do not change.
NOON = "2026-09-01T12:00:00"


def trace_id(label: str) -> str:
    """32 hex digits that stand for a label."""
    return hashlib.md5(label.encode(), usedforsecurity=False).hexdigest()


def span_id(label: str) -> str:
    """16 hex digits that stand for a label."""
    return trace_id(f"span {label}")[:16]


def key_id(label: str) -> str:
    """SHA-256 of an API key, as LiteLLM logs it."""
    return hashlib.sha256(f"sk-{label}".encode()).hexdigest()


class Logs:
    """What one test module has the company log. Load FIRST is built before SECOND arrives."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, str], list[dict[str, Any] | str]] = defaultdict(list)

    def add(self, load: int, table: str, row: dict[str, Any] | str) -> None:
        """Add a row, or a line as it is."""
        self.rows[load, table].append(row)

    def call(
        self,
        request_id: str,
        load: int = FIRST,
        *,
        at: str = NOON,
        model: str = "openai/gpt-4.1",
        prompt: int = 1000,
        completion: int = 100,
        tags: tuple[str, ...] = (),
        user: str = "",
        key: str = "",
        usage: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        status: str = "success",
        spend: float = 0.0,
        **columns: Any,
    ) -> str:
        """A row of LiteLLM's spend logs; gives its id."""
        row = {
            "request_id": request_id,
            "call_type": "acompletion",
            "api_key": key,
            "spend": spend,
            "total_tokens": prompt + completion,
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "startTime": at,
            "endTime": at,
            "model": model,
            "custom_llm_provider": model.split("/", 1)[0],
            "user": user,
            "metadata": {"status": status, "usage_object": usage or {}, **(metadata or {})},
            "cache_hit": "False",
            "request_tags": list(tags),
            "team_id": "",
            "end_user": "",
            "session_id": "",
            "status": status,
        }
        self.add(load, "litellm/spend_logs", {**row, **columns})
        return request_id

    def span(
        self,
        label: str,
        load: int = FIRST,
        *,
        trace: str | None = None,
        parent: str | None = None,
        at: str = NOON,
        seconds: float = 1,
        operation: str | None = "chat",
        provider: str = "openai",
        model: str | None = "gpt-4.1",
        tokens: tuple[int, int] | None = (1000, 100),
        response: str | None = None,
        resource: dict[str, Any] | None = None,
        attributes: dict[str, Any] | None = None,
        scope: str = "opentelemetry.instrumentation.openai_v2",
        status_code: int = 0,
    ) -> str:
        """A span in an OTLP message of its own; gives its id. `tokens` are input and output."""
        start = datetime.fromisoformat(at).replace(tzinfo=UTC) - EPOCH
        start_us = start // timedelta(microseconds=1)
        values: dict[str, Any] = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": provider if operation else None,
            "gen_ai.request.model": model if operation else None,
            "gen_ai.response.id": response,
        }
        if tokens:
            values["gen_ai.usage.input_tokens"], values["gen_ai.usage.output_tokens"] = tokens
        values |= attributes or {}
        span = {
            "traceId": trace_id(trace or label),
            "spanId": span_id(label),
            "parentSpanId": span_id(parent) if parent else "",
            "name": f"{operation or 'GET'} {model or ''}".strip(),
            "kind": 3,
            "startTimeUnixNano": str(start_us * 1000),
            "endTimeUnixNano": str((start_us + int(seconds * 1e6)) * 1000),
            "attributes": _attributes(values),
            "status": {"code": status_code} if status_code else {},
        }
        message = {
            "resourceSpans": [
                {
                    "resource": {"attributes": _attributes(resource or {})},
                    "scopeSpans": [{"scope": {"name": scope}, "spans": [span]}],
                }
            ]
        }
        self.add(load, "otel/spans", message)
        return span_id(label)

    def query(self, query_id: str, load: int = FIRST, *, at: str = NOON, **columns: Any) -> str:
        """A call to a vector store; gives its id."""
        row = {
            "query_id": query_id,
            "queried_at": at,
            "store": "pinecone",
            "operation": "query",
            "status": "success",
        }
        self.add(load, "retrieval/queries", {**row, **columns})
        return query_id

    def observation(
        self,
        label: str,
        load: int = FIRST,
        *,
        trace: str | None = None,
        at: str = NOON,
        kind: str = "GENERATION",
        usage: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        **columns: Any,
    ) -> str:
        """An observation of Langfuse, as its older export has it; gives its id."""
        row = {
            "id": label,
            "trace_id": trace or f"trace of {label}",
            "type": kind,
            "start_time": at,
            "provided_model_name": "gpt-4.1",
            "usage_details": {"input": 1000, "output": 100} if usage is None else usage,
            "metadata": {"ls_provider": "openai", **(metadata or {})},
        }
        self.add(load, "langfuse/observations", {**row, **columns})
        return label

    def langfuse_trace(self, trace: str, load: int = FIRST, **columns: Any) -> str:
        """A trace of Langfuse; gives its id."""
        row = {"id": trace, "timestamp": NOON, "user_id": None, "tags": []}
        self.add(load, "langfuse/traces", {**row, **columns})
        return trace

    def invocation(
        self, request_id: str, load: int = FIRST, *, at: str = "2026-05-10T12:00:00", **columns: Any
    ) -> str:
        """A row of Bedrock's log, by default on a day without other calls to it; gives its id."""
        row = {
            "requestId": request_id,
            "timestamp": at,
            "operation": "Converse",
            "modelId": "anthropic.claude-sonnet-4-5-20250929-v1:0",
            "input": {"inputTokenCount": 1000},
            "output": {"outputTokenCount": 100},
        }
        self.add(load, "bedrock/invocations", {**row, **columns})
        return request_id

    def openai(self, user: str, load: int = FIRST, *, day: str, **columns: Any) -> str:
        """A day of OpenAI's usage, as a result by itself; gives its user."""
        row = {
            "object": "organization.usage.completions.result",
            "start_time": f"{day}T00:00:00Z",
            "end_time": f"{day}T23:59:59Z",
            "user_id": user,
            "model": "gpt-4.1",
            "input_tokens": 1000,
            "output_tokens": 100,
            "num_model_requests": 10,
        }
        self.add(load, "openai/usage", {**row, **columns})
        return user

    def anthropic(self, account: str, load: int = FIRST, *, day: str, **columns: Any) -> str:
        """A day of Anthropic's usage, as a result by itself; gives its user."""
        row = {
            "starting_at": f"{day}T00:00:00Z",
            "ending_at": f"{day}T23:59:59Z",
            "account_id": account,
            "model": "claude-sonnet-4-5-20250929",
            "uncached_input_tokens": 1000,
            "output_tokens": 100,
        }
        self.add(load, "anthropic/usage", {**row, **columns})
        return account

    def outcome(self, outcome_id: str, load: int = FIRST, *, at: str = NOON, **columns: Any) -> str:
        """A business outcome; gives its id."""
        row = {"outcome_id": outcome_id, "outcome_type": "ticket_resolved", "occurred_at": at}
        self.add(load, "business/outcomes", {**row, **columns})
        return outcome_id

    def key_owner(self, key: str, team: str, valid_from: str, valid_to: str | None = None) -> None:
        """A row of the directory of API keys."""
        row = {"api_key": key, "team_id": team, "valid_from": valid_from, "valid_to": valid_to}
        self.add(FIRST, "directory/api_keys", row)

    def member(self, user: str, team: str, valid_from: str, valid_to: str | None = None) -> str:
        """A row of the directory of users; gives the user."""
        row = {"user_id": user, "team_id": team, "valid_from": valid_from, "valid_to": valid_to}
        self.add(FIRST, "directory/users", row)
        return user


def write(logs: list[Logs], load: int, raw_dir: Path) -> dict[str, int]:
    """Write the files of one load; gives the lines written per table."""
    lines: dict[str, list[str]] = defaultdict(list)
    for one in logs:
        for (number, table), rows in one.rows.items():
            if number == load:
                lines[table] += [r if isinstance(r, str) else json.dumps(r) for r in rows]
    for table, texts in lines.items():
        path = raw_dir / f"{table}-{load}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return {table: len(texts) for table, texts in lines.items()}


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": _value(value)} for key, value in values.items() if value is not None
    ]


def _value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"stringValue": str(value)}
