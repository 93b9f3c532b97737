"""Langfuse's exports, Bedrock's logs, and the pages of OpenAI's and Anthropic's reports."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

CANARY = "CANARYTEXT"
OBSERVATION = {
    "id": "obs-1",
    "trace_id": "trace-1",
    "type": "GENERATION",
    "start_time": "2026-11-21 09:42:23.572000",
    "provided_model_name": "gpt-4.1",
    "usage_details": {"input": 10, "output": 2, "total": 12},
}
TRACE = {"id": "trace-1", "timestamp": "2026-11-21 09:42:23", "user_id": "u", "tags": ["team:a"]}
INVOCATION = {
    "schemaType": "ModelInvocationLog",
    "timestamp": "2026-11-21T09:42:23Z",
    "requestId": "r-1",
    "operation": "InvokeModel",
    "modelId": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "input": {"inputTokenCount": 10},
    "output": {"outputTokenCount": 2},
}
DAY, NEXT_DAY = 1795219200, 1795305600


def usage(**changes: Any) -> dict[str, Any]:
    """A result of OpenAI's usage."""
    row = {"object": "organization.usage.completions.result", "model": "gpt-4.1"}
    return row | {"input_tokens": 10, "output_tokens": 2, "num_model_requests": 1} | changes


def cost(value: Any) -> dict[str, Any]:
    """A result of OpenAI's costs."""
    return {"object": "organization.costs.result", "amount": {"value": value, "currency": "usd"}}


def bucket(*results: Any) -> dict[str, Any]:
    """A day of OpenAI's."""
    times = {"start_time": DAY, "end_time": NEXT_DAY}
    return {"object": "bucket", **times, "results": list(results)}


def page(*buckets: Any) -> dict[str, Any]:
    """A page of OpenAI's."""
    return {"object": "page", "data": list(buckets), "has_more": False, "next_page": None}


# Langfuse ---------------------------------------------------------------------------------


def test_langfuse_api_and_export_are_the_same(loads: Any) -> None:
    api = {
        "id": "obs-1",
        "traceId": "trace-1",
        "type": "GENERATION",
        "startTime": "2026-11-21T09:42:23.572Z",
        "model": "gpt-4.1",
        "usageDetails": {"input": 10, "output": 2, "total": 12},
    }
    loads.write("langfuse/api.json", json.dumps({"data": [api], "meta": {"page": 1}}))
    loads.write_lines("langfuse/export.jsonl.gz", [OBSERVATION])
    loads.load()
    columns = "observation_id, trace_id, type, start_time, provided_model_name"
    first, second = loads.rows("langfuse_observations", columns)
    assert first == second
    assert first[3] == datetime(2026, 11, 21, 9, 42, 23, 572000)
    assert (
        loads.json("langfuse_observations", "usage_details") == [OBSERVATION["usage_details"]] * 2
    )
    assert loads.rejects() == []
    loads.balance()


def test_langfuse_keeps_no_bodies(loads: Any) -> None:
    attributes = {"gen_ai.response.id": "chatcmpl-1", "gen_ai.prompt": CANARY, "team": "a"}
    row = OBSERVATION | {
        "input": json.dumps([{"role": "user", "content": f"{CANARY} in"}]),
        "output": f"{CANARY} out",
        "status_message": CANARY,
        "model_parameters": json.dumps({"stop": CANARY}),
        "tool_calls": [CANARY],
        "tool_definitions": {CANARY: CANARY},
        "usage_details": {"input": 10, "note": CANARY, "odd": {"x": CANARY}, "text": "7"},
        "cost_details": {"input": 0.1, "why": CANARY},
        "metadata": {
            "feature": "search",
            "prompt": CANARY,
            "deep": {"x": CANARY},
            "long": CANARY * 100,
            "attributes": attributes,
            "resourceAttributes": json.dumps({"service.name": "shop", "secret": CANARY}),
            "scope": {"name": CANARY},
        },
        "tags": ["team:a", CANARY * 100],
    }
    bare = OBSERVATION | {"id": "obs-2", "metadata": {"attributes": json.dumps(attributes)}}
    loads.write_lines("langfuse/observations.jsonl", [row, bare])
    loads.write_lines("langfuse/traces.jsonl", [TRACE | {"input": CANARY, "output": CANARY}])
    loads.load()
    text = str(loads.rows("langfuse_observations")) + str(loads.rows("langfuse_traces"))
    assert CANARY not in text
    kept = {"gen_ai.response.id": "chatcmpl-1", "team": "a"}
    assert loads.json("langfuse_observations", "metadata") == [
        {
            "feature": "search",
            "attributes": kept,
            "resourceAttributes": {"service.name": "shop"},
        },
        {"attributes": kept},
    ]
    assert loads.json("langfuse_observations", "usage_details")[0] == {"input": 10, "text": "7"}
    assert loads.json("langfuse_observations", "cost_details")[0] == {"input": 0.1}
    counts = loads.rows("langfuse_observations", "input_characters, output_characters")
    assert counts == [(len(f"{CANARY} in"), len(f"{CANARY} out")), (None, None)]
    loads.balance()


def test_langfuse_parquet_maps(loads: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    counts = pa.map_(pa.string(), pa.uint64())
    table = pa.table(
        {
            "id": ["obs-1"],
            "trace_id": ["trace-1"],
            "type": ["GENERATION"],
            "start_time": [datetime(2026, 11, 21, 9)],
            "usage_details": pa.array([[("input", 10), ("output", 2)]], counts),
            "metadata": pa.array([[("feature", "search")]], pa.map_(pa.string(), pa.string())),
            "tags": [["team:a"]],
        }
    )
    pq.write_table(table, loads.write("langfuse/observations.parquet", b""))
    assert loads.load_one().loaded_count == 1
    assert loads.json("langfuse_observations", "usage_details") == [{"input": 10, "output": 2}]
    assert loads.json("langfuse_observations", "metadata") == [{"feature": "search"}]
    assert loads.json("langfuse_observations", "tags") == [["team:a"]]


def test_langfuse_scores_are_refused(duckdb_loads: Any) -> None:
    score = {"id": "s", "timestamp": "2026-11-21", "trace_id": "t", "name": "x", "value": 1}
    duckdb_loads.write_lines("langfuse/scores.jsonl", [score | {"session_id": None}])
    result = duckdb_loads.load_one()
    assert result.state == "refused" and "needs columns user_id, tags" in result.message
    assert duckdb_loads.rows("langfuse_traces") == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": ""}, "missing_value"),
        ({"start_time": "yesterday"}, "invalid_value"),
        ({"total_cost": "much"}, "invalid_value"),
        ({"usage_details": [1]}, "invalid_value"),
    ],
)
def test_langfuse_rejects(duckdb_loads: Any, change: dict[str, Any], reason: str) -> None:
    duckdb_loads.write_lines("langfuse/observations.jsonl", [OBSERVATION, OBSERVATION | change])
    assert duckdb_loads.load_one().loaded_count == 1
    assert duckdb_loads.rejects() == [("langfuse/observations.jsonl", 2, reason)]


# Bedrock ----------------------------------------------------------------------------------

COUNTS = (
    "cache_read_input_token_count, cache_write_input_token_count,"
    " cache_write_1h_input_token_count, response_id"
)
ANTHROPIC = {
    "cache_read_input_tokens": 7,
    "cache_creation_input_tokens": 5,
    "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3},
}
METRICS = {"cacheReadInputTokenCount": 7, "cacheWriteInputTokenCount": 5}
CONVERSE = {"cacheReadInputTokens": 7, "cacheWriteInputTokens": 5}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"input": {"inputTokenCount": 10, **METRICS}}, (7, 5, None, None)),
        (METRICS, (7, 5, None, None)),
        ({"output": {"outputBodyJson": {"usage": CONVERSE}}}, (7, 5, None, None)),
        ({"output": {"outputBodyJson": {"id": "m", "usage": ANTHROPIC}}}, (7, 5, 3, "m")),
        ({"output": {"outputBodyJson": json.dumps({"usage": CONVERSE})}}, (7, 5, None, None)),
        (
            {"output": {"outputBodyJson": [{"message": {"id": "m", "usage": ANTHROPIC}}, {}]}},
            (7, 5, 3, "m"),
        ),
        (
            {"output": {"outputBodyJson": [{}, {"amazon-bedrock-invocationMetrics": METRICS}]}},
            (7, 5, None, None),
        ),
        (
            {"output": {"outputBodyJson": [{}, {"metadata": {"usage": CONVERSE}}]}},
            (7, 5, None, None),
        ),
        ({"output": {"outputBodyJson": "plain"}}, (None, None, None, None)),
        ({"output": None, "input": []}, (None, None, None, None)),
    ],
)
def test_bedrock_cache_counts(loads: Any, change: dict[str, Any], expected: Any) -> None:
    loads.write_lines("bedrock/log.json.gz", [INVOCATION | change])
    loads.load()
    assert loads.rejects() == []
    assert loads.rows("bedrock_invocations", COUNTS) == [expected]


def test_bedrock_keeps_no_bodies(loads: Any) -> None:
    row = INVOCATION | {
        "identity": {"arn": "arn:aws:sts::111122223333:assumed-role/sso/ann@example.com"},
        "requestMetadata": {"team": "a", "prompt": CANARY, "note": CANARY * 100},
        "input": {
            "inputTokenCount": 10,
            "inputBodyJson": {"messages": [{"content": [{"text": f"{CANARY} in"}]}]},
        },
        "output": {
            "outputTokenCount": 2,
            "outputBodyJson": {"id": "msg_bdrk_1", "content": [{"text": f"{CANARY} out"}]},
        },
        "errorCode": None,
    }
    bad = row | {"timestamp": CANARY}
    loads.write_lines("bedrock/log.json.gz", [row, bad])
    loads.load()
    assert CANARY not in str(loads.rows("bedrock_invocations")) + str(
        loads.rows("rejects", "excerpt", "1")
    )
    assert loads.json("bedrock_invocations", "request_metadata") == [{"team": "a"}]
    hashed = hashlib.sha256(b"ann@example.com").hexdigest()
    [found] = loads.rows(
        "bedrock_invocations",
        "identity_arn, input_token_count, output_token_count, input_characters, output_characters",
    )
    arn = f"arn:aws:sts::111122223333:assumed-role/sso/{hashed}"
    assert found == (arn, 10, 2, len(f"{CANARY} in"), len(f"{CANARY} out"))
    assert [row[1:] for row in loads.rejects()] == [(2, "invalid_value")]
    loads.balance()


# Pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(page(bucket(usage(), usage(model="o3")), bucket(), bucket(usage()))),
        json.dumps(page(bucket(usage(), usage(model="o3"), usage())), indent=2),
        "\n".join(json.dumps(page(bucket(usage(model=m)))) for m in ("gpt-4.1", "o3", "gpt-4.1")),
        "\n".join(json.dumps(bucket(usage(model=m))) for m in ("gpt-4.1", "o3", "gpt-4.1")),
        json.dumps({"data": [bucket(usage(), usage(model="o3"), usage())], "has_more": False}),
        "\n".join(
            json.dumps(usage(model=m, start_time=DAY, end_time=NEXT_DAY))
            for m in ("gpt-4.1", "o3", "gpt-4.1")
        ),
    ],
    ids=["page", "indented", "pages", "buckets", "data first", "results"],
)
def test_pages(loads: Any, text: str) -> None:
    loads.write("openai/usage.json", text)
    assert loads.load_one().loaded_count == 3
    columns = "start_time, end_time, model, input_tokens, _line_number"
    days = (datetime(2026, 11, 21), datetime(2026, 11, 22))
    assert loads.rows("openai_usage", columns) == [
        (*days, "gpt-4.1", 10, 1),
        (*days, "o3", 10, 2),
        (*days, "gpt-4.1", 10, 3),
    ]
    loads.balance()


def test_rejects_of_pages_name_the_line_of_the_file(loads: Any) -> None:
    lines = [
        page(bucket(usage(), usage())),
        page(bucket(usage(), usage(input_tokens="many"), 7)),
        {"error": {"message": CANARY}},
        page(),
        page(bucket(usage())),
    ]
    loads.write_lines("openai/usage.jsonl", lines)
    result = loads.load_one()
    assert (result.loaded_count, result.rejected_count) == (4, 3)
    assert [row[1:] for row in loads.rejects()] == [
        (2, "invalid_value"),
        (2, "not_an_object"),
        (3, "missing_value"),
    ]
    numbers = loads.rows("openai_usage", "_line_number")
    assert numbers == [(1,), (2,), (3,), (7,)]
    assert CANARY not in str(loads.rows("rejects", "*", "1"))
    loads.balance()


def test_a_day_without_usage_has_no_rows(duckdb_loads: Any) -> None:
    duckdb_loads.write("openai/usage.json", json.dumps(page(bucket())))
    result = duckdb_loads.load_one()
    assert (result.state, result.row_count) == ("loaded", 0)
    assert duckdb_loads.rejects() == []


def test_many_pages_keep_positions(duckdb_loads: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chargeback.load.streams.BLOCK_BYTES", 1000)
    lines = [page(bucket(usage(input_tokens=n), usage(input_tokens=n))) for n in range(100)]
    duckdb_loads.write_lines("openai/usage.jsonl", lines)
    assert duckdb_loads.load_one().loaded_count == 200
    found = duckdb_loads.rows("openai_usage", "input_tokens, _line_number")
    assert found == [(number // 2, number + 1) for number in range(200)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.1234567890123456789", Decimal("0.123456789012346")),
        ("1e-7", Decimal("0.0000001")),
        ('"0.1234567890123451"', Decimal("0.123456789012345")),
        ('"0E-6176"', Decimal(0)),
        ("-12", Decimal(-12)),
    ],
)
def test_amounts_are_exact(loads: Any, value: str, expected: Decimal) -> None:
    text = json.dumps(page(bucket(cost("AMOUNT")))).replace('"AMOUNT"', value)
    loads.write("openai/costs.json", text)
    loads.load()
    assert loads.rows("openai_costs", "amount, currency") == [(expected, "usd")]


def test_cents_stay_cents(loads: Any) -> None:
    row = {"currency": "USD", "amount": "132.00000000000045", "cost_type": "tokens"}
    day = {"starting_at": "2026-11-21T00:00:00Z", "ending_at": "2026-11-22T00:00:00Z"}
    loads.write("anthropic/cost.json", json.dumps({"data": [day | {"results": [row]}]}))
    loads.load()
    assert loads.rows("anthropic_costs", "starting_at, amount") == [
        (datetime(2026, 11, 21), Decimal("132.00000000000045"))
    ]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("key_9fK2", "key_9fK2"),
        ("apikey_01AbC", "apikey_01AbC"),
        ("sk-proj-abc", hashlib.sha256(b"sk-proj-abc").hexdigest()),
        ("sk-...def", hashlib.sha256(b"sk-...def").hexdigest()),
    ],
)
def test_ids_of_keys_are_kept(loads: Any, key: str, expected: str) -> None:
    loads.write("openai/usage.json", json.dumps(page(bucket(usage(api_key_id=key)))))
    line = {"api_key": key, "team_id": "t", "valid_from": "2026-01-01"}
    loads.write_lines("directory/keys.jsonl", [line])
    loads.load()
    assert loads.rows("openai_usage", "api_key_id") == [(expected,)]
    assert loads.rows("directory_api_keys", "api_key") == [(expected,)]


def test_reports_of_the_other_provider(duckdb_loads: Any) -> None:
    duckdb_loads.write("anthropic/usage.json", json.dumps(page(bucket(usage()))))
    result = duckdb_loads.load_one()
    assert result.state == "refused" and "move it to the folder openai/" in result.message
