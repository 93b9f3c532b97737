"""OTLP messages become one row a span."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import zstandard


def test_a_span(loads: Any, otlp: Any, span: Any) -> None:
    message = otlp(
        span(
            7, {"gen_ai.usage.input_tokens": 9_007_199_254_740_993}, parentSpanId="ABCDEF0123456789"
        ),
        resource={"team.name": "search", "host.name": "secret-host"},
    )
    loads.write_lines("otel/spans.jsonl", [message])
    assert loads.load_one().table_name == "otel_spans"
    columns = (
        "trace_id, span_id, parent_span_id, span_name, span_kind, start_time, end_time, "
        "status_code, scope_name, scope_version, input_characters, output_characters, _line_number"
    )
    assert loads.rows("otel_spans", columns) == [
        (
            f"{7:032x}",
            f"{7:016x}",
            "abcdef0123456789",
            "chat",
            3,
            datetime(2026, 11, 21, 9, 56, 53, 897762),
            datetime(2026, 11, 21, 9, 56, 54, 59481),
            0,
            "test",
            "1",
            None,
            None,
            1,
        )
    ]
    assert loads.json("otel_spans", "attributes") == [
        {"gen_ai.usage.input_tokens": 9_007_199_254_740_993}
    ]
    assert loads.json("otel_spans", "resource_attributes") == [{"team.name": "search"}]
    loads.balance()


def test_every_type_of_value(loads: Any, otlp: Any, span: Any) -> None:
    attributes = {
        "gen_ai.response.finish_reasons": ["stop", "length"],
        "gen_ai.request.stream": True,
        "operation.cost": 1.5e-07,
        "gen_ai.usage.details.none": [],
        "gen_ai.usage.nested": {"a": [1, {"b": "c"}], "d": 2.5},
        "error.type": 'a "quoted"\n\té',
        "team": "x" * 2000,
    }
    one = span(1, attributes)
    one["attributes"] += [
        {"key": "gen_ai.usage.plain", "value": {"intValue": 12}},
        {"key": "gen_ai.usage.odd", "value": {"intValue": "007"}},
        {"key": "gen_ai.usage.nothing", "value": {}},
        {"key": "gen_ai.usage.twice", "value": {"intValue": "1"}},
        {"key": "gen_ai.usage.twice", "value": {"intValue": "2"}},
    ]
    loads.write_lines("otel/spans.jsonl", [otlp(one)])
    loads.load()
    del attributes["team"]
    expected = attributes | {
        "gen_ai.usage.plain": 12,
        "gen_ai.usage.odd": "007",
        "gen_ai.usage.twice": 2,
    }
    assert loads.json("otel_spans", "attributes") == [expected]


def test_ids_in_base64_and_names_for_numbers(loads: Any, otlp: Any, span: Any) -> None:
    trace, identity = bytes(range(16)), bytes(range(8))
    one = span(
        1,
        traceId=base64.b64encode(trace).decode(),
        spanId=base64.b64encode(identity).decode(),
        parentSpanId="",
        kind="SPAN_KIND_CLIENT",
        status={"code": "STATUS_CODE_ERROR", "message": "CANARY"},
    )
    two = span(2, parentSpanId="0" * 16, startTimeUnixNano=1795255013897762231, endTimeUnixNano="0")
    loads.write_lines("otel/spans.jsonl", [otlp(one, two)])
    loads.load()
    columns = "trace_id, span_id, parent_span_id, span_kind, status_code, end_time is null"
    assert loads.rows("otel_spans", columns) == [
        (trace.hex(), identity.hex(), None, 3, 2, False),
        (f"{2:032x}", f"{2:016x}", None, 3, 0, True),
    ]


def test_positions_run_through_the_file(loads: Any, otlp: Any, span: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("chargeback.load.streams.BLOCK_BYTES", 4000)
    numbers = iter(range(1, 1000))
    messages = [otlp(*(span(next(numbers)) for _ in range(size))) for size in (3, 1, 7, 0, 5) * 5]
    messages[2]["resourceSpans"] += otlp(span(next(numbers)))["resourceSpans"]
    loads.write_lines("otel/spans.jsonl", messages)
    result = loads.load_one()
    assert result.loaded_count == 81
    assert [row[0] for row in loads.rows("otel_spans", "_line_number")] == list(range(1, 82))
    loads.balance()


def test_what_is_no_span(loads: Any, otlp: Any, span: Any) -> None:
    lines = [
        json.dumps(otlp(span(1))),
        json.dumps({"resourceLogs": []}),
        "{}",
        json.dumps({"resourceSpans": []}),
        json.dumps(otlp(span(2, traceId="xyz"), span(3, spanId=""), span(4))),
        json.dumps(otlp(span(5, startTimeUnixNano="soon"))),
        '{"resourceSpans": [',
        json.dumps(otlp(span(6, parentSpanId="nobody"))),
    ]
    loads.write("otel/spans.jsonl", "\n".join(lines))
    result = loads.load_one()
    assert (result.loaded_count, result.rejected_count) == (2, 6)
    assert sorted(row[1:] for row in loads.rejects()) == [
        (2, "not_spans"),
        (5, "invalid_value"),
        (5, "missing_value"),
        (6, "invalid_value"),
        (7, "invalid_json"),
        (8, "invalid_value"),
    ]
    loads.balance()


def test_one_document(loads: Any, otlp: Any, span: Any) -> None:
    """A message spread over lines is read resource by resource."""
    message = otlp(span(1), span(2))
    message["resourceSpans"] += otlp(span(3))["resourceSpans"]
    loads.write("otel/spans.json", json.dumps(message, indent=2))
    result = loads.load_one()
    assert (result.loaded_count, result.rejected_count) == (3, 0)


def framed(*messages: dict[str, Any]) -> bytes:
    """Messages as the collector's file exporter writes them with `compression: zstd`."""
    compress = zstandard.ZstdCompressor().compress
    parts = [compress(json.dumps(message).encode()) for message in messages]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def test_compressed_by_the_collector(loads: Any, otlp: Any, span: Any) -> None:
    data = framed(otlp(span(1)), otlp(span(2), span(3)))
    loads.write("otel/whole.json", data)
    assert loads.load_one().loaded_count == 3
    loads.write("otel/cut.json", data[:-5])
    result = loads.load().results[0]
    assert (result.loaded_count, result.rejected_count) == (1, 1)
    reason = "the file ends inside a compressed message; 1 row before it was read"
    assert loads.rows("rejects", "line_number, reason_code, reason", "1") == [
        (2, "truncated", reason)
    ]
    loads.balance()


def test_logs_and_metrics_in_the_same_file(loads: Any, otlp: Any, span: Any) -> None:
    """A collector with one file exporter in three pipelines writes them all to one file."""
    others = [{"resourceLogs": [{}]}, {"resourceMetrics": [{}]}] * 150
    loads.write_lines("otel/all.jsonl", [*others, otlp(span(1)), *others[:1]])
    result = loads.load_one()
    assert (result.loaded_count, result.rejected_count) == (1, 301)
    reasons = set(loads.rows("rejects", "reason_code, reason", "1"))
    assert reasons == {
        ("not_spans", "the line has OTLP logs: only traces are loaded"),
        ("not_spans", "the line has OTLP metrics: only traces are loaded"),
    }
    loads.balance()


def test_flat_spans(loads: Any) -> None:
    """The raw table's own columns, as a Parquet or CSV export has them."""
    row = {
        "trace_id": "A" * 32,
        "span_id": "b" * 16,
        "parent_span_id": "",
        "span_name": "chat",
        "span_kind": 3,
        "start_time": "2026-11-21T09:56:53.897762Z",
        "status_code": 0,
        "attributes": json.dumps(
            {"gen_ai.usage.input_tokens": 5, "gen_ai.prompt.0.content": "CANARY"}
        ),
        "resource_attributes": json.dumps({"team.name": "search"}),
        "input_characters": 6,
    }
    loads.write_lines("otel/flat.jsonl", [row])
    assert loads.load_one().loaded_count == 1
    assert loads.rows("otel_spans", "trace_id, parent_span_id, input_characters") == [
        ("a" * 32, None, 6)
    ]
    assert loads.json("otel_spans", "attributes") == [{"gen_ai.usage.input_tokens": 5}]


def test_characters_of_bodies(loads: Any, otlp: Any, span: Any) -> None:
    messages = [{"role": "user", "parts": [{"type": "text", "content": "héllo"}]}]
    answer = [{"role": "assistant", "parts": [{"type": "text", "content": "abc"}]}]
    call = [{"role": "assistant", "parts": [{"type": "tool_call", "arguments": {"q": "CANARY"}}]}]
    chat = json.dumps({"messages": [{"role": "user", "content": "four"}]})
    spans = [
        span(
            1,
            {
                "gen_ai.input.messages": json.dumps(messages),
                "gen_ai.output.messages": json.dumps(answer),
            },
        ),
        span(
            2,
            {
                "gen_ai.prompt.0.content": "ab",
                "gen_ai.prompt.0.role": "user",
                "gen_ai.prompt.1.content": "c",
            },
        ),
        span(3, {"gen_ai.completion.0.content": "abcd"}),
        span(
            4,
            {
                "llm.input_messages.0.message.content": "twelve chars",
                "llm.input_messages.0.message.role": "user",
                "llm.output_messages.0.message.contents.0.message_content.text": "ab",
                "input.value": chat,
                "output.value": "counted once",
            },
        ),
        span(
            5,
            {
                "embedding.embeddings.0.embedding.text": "ab",
                "embedding.embeddings.1.embedding.text": "c",
            },
        ),
        span(6, {"input.value": chat, "output.value": "plain text"}),
        span(7, {"gen_ai.output.messages": json.dumps(call)}),
        span(8, {"gen_ai.usage.input_tokens": 1}),
        span(
            9,
            events=[
                {
                    "name": "gen_ai.user.message",
                    "attributes": [{"key": "content", "value": {"stringValue": "abcde"}}],
                },
                {
                    "name": "gen_ai.choice",
                    "attributes": [{"key": "message", "value": {"stringValue": "ab"}}],
                },
                {
                    "name": "exception",
                    "attributes": [
                        {"key": "exception.message", "value": {"stringValue": "CANARY"}}
                    ],
                },
            ],
        ),
        span(10, {"gen_ai.input.messages": "[]", "gen_ai.output.messages": ""}),
    ]
    loads.write_lines("otel/spans.jsonl", [otlp(*spans)])
    loads.load()
    assert loads.rows("otel_spans", "input_characters, output_characters") == [
        (5, 3),
        (3, None),
        (None, 4),
        (12, 2),
        (3, None),
        (4, 10),
        (None, None),
        (None, None),
        (5, 2),
        (None, None),
    ]
