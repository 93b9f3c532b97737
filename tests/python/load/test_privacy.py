"""Message bodies, keys and addresses are never written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chargeback.errors import ChargebackError
from chargeback.load.privacy import KEPT_ATTRIBUTES, checked_keys
from chargeback.load.tables import TABLES

CANARY = "CANARYTEXT"
LITELLM_BODY = [{"role": "user", "content": f"{CANARY} prompt"}]


def written(loads: Any) -> str:
    """Everything in the raw tables, and the bytes of the DuckDB file."""
    names = ["loads", "rejects", *(table.name for table in TABLES)]
    text = "".join(str(loads.rows(name, "*", "1")) for name in names)
    if loads.warehouse.engine == "duckdb":
        loads.warehouse.execute("checkpoint")
        folder = Path(loads.raw).parent
        for path in folder.glob("warehouse.duckdb*"):
            text += path.read_bytes().decode("latin-1")
    return text


def spend_with_bodies(spend_log: Any, number: int, **changes: Any) -> dict[str, Any]:
    """A spend log with the canary wherever LiteLLM can log text."""
    return spend_log(
        number,
        messages=LITELLM_BODY,
        response={"choices": [{"message": {"content": f"{CANARY} answer"}}]},
        proxy_server_request={"messages": LITELLM_BODY, "metadata": {"x": CANARY}},
        api_base=f"http://{CANARY}",
        requester_ip_address=CANARY,
        cache_key=CANARY,
        metadata={
            "status": "success",
            "usage_object": {"prompt_tokens": 3},
            "user_api_key": f"sk-{CANARY}",
            "requester_metadata": {"note": CANARY},
            "proxy_server_request": CANARY,
            "vector_store_request_metadata": [{"query": CANARY}],
            "mcp_tool_call_metadata": {"arguments": CANARY},
            "guardrail_information": {"guardrail_response": CANARY},
            "error_information": {
                "error_code": "500",
                "error_class": "ServerError",
                "error_message": CANARY,
                "traceback": CANARY,
            },
            "spend_logs_metadata": {
                "feature": "search",
                "prompt": CANARY,
                "last_message": CANARY,
                "notes": {"deep": CANARY},
                "long": CANARY * 100,
            },
            "feature": CANARY * 100,
            "tags": ["a:b", CANARY * 100],
        },
        **changes,
    )


def test_litellm_bodies(loads: Any, spend_log: Any) -> None:
    rows = [spend_with_bodies(spend_log, 1), spend_with_bodies(spend_log, 2, prompt_tokens=CANARY)]
    text = "\n".join(json.dumps(row) for row in rows)
    text += "\n" + text[:3000] + "\n" + json.dumps(rows[0])[:-9] + f"{CANARY}\n{CANARY}\n"
    text += f'"{CANARY}"\n["{CANARY}"]\n' + json.dumps(rows[0]) + "\0"
    loads.write("litellm/spend.jsonl", text)
    for row in rows:
        for key in ("messages", "response", "proxy_server_request", "metadata", "request_tags"):
            row[key] = json.dumps(row[key])
        row["prompt_tokens"] = str(row["prompt_tokens"])
    pq.write_table(pa.Table.from_pylist(rows), loads.write("litellm/spend.parquet", b""))
    loads.load()
    assert CANARY not in written(loads)
    metadata = loads.json("litellm_spend_logs", "metadata")
    expected = {
        "status": "success",
        "usage_object": {"prompt_tokens": 3},
        "error_information": {"error_code": "500", "error_class": "ServerError"},
        "spend_logs_metadata": {"feature": "search"},
        "tags": ["a:b"],
    }
    assert metadata and all(value == expected for value in metadata)
    found = set(loads.rows("litellm_spend_logs", "input_characters, output_characters", "1"))
    assert found == {(len(f"{CANARY} prompt"), len(f"{CANARY} answer"))}
    loads.balance()


def test_bodies_in_the_proxy_request_count_when_messages_are_not_logged(
    loads: Any, spend_log: Any
) -> None:
    rows = [
        spend_log(1, proxy_server_request={"messages": LITELLM_BODY, "model": "x"}),
        spend_log(2, proxy_server_request={"input": ["abc", "de"]}),
        spend_log(3, messages=json.dumps(LITELLM_BODY), response="plain"),
        spend_log(4, response={"output": [{"content": [{"type": "output_text", "text": "abc"}]}]}),
        spend_log(5, messages=[{"role": "user", "content": [{"type": "text", "text": "ab"}]}]),
    ]
    loads.write_lines("litellm/spend.jsonl", rows)
    loads.load()
    found = loads.rows("litellm_spend_logs", "input_characters, output_characters")
    assert found == [(17, None), (5, None), (17, 5), (None, 3), (2, None)]


def test_counts_the_file_already_has(loads: Any, spend_log: Any) -> None:
    rows = [
        spend_log(1, input_characters=7, messages=LITELLM_BODY),
        spend_log(2, output_characters="many"),
    ]
    loads.write_lines("litellm/spend.jsonl", rows)
    loads.load()
    found = loads.rows("litellm_spend_logs", "input_characters, output_characters")
    assert found == [(7, None)]
    assert [row[1:] for row in loads.rejects()] == [(2, "invalid_value")]


BODY_ATTRIBUTES = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.prompt",
    "gen_ai.prompt.0.content",
    "gen_ai.completion.0.content",
    "gen_ai.tool.definitions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "gen_ai.tool.message",
    "llm.input_messages.0.message.content",
    "llm.output_messages.0.message.contents.0.message_content.text",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments",
    "llm.invocation_parameters",
    "llm.prompts",
    "llm.tools.0.tool.json_schema",
    "embedding.embeddings.0.embedding.text",
    "embedding.embeddings.0.embedding.vector",
    "embedding.invocation_parameters",
    "input.value",
    "output.value",
    "pydantic_ai.all_messages",
    "model_request_parameters",
    "logfire.msg",
    "logfire.json_schema",
    "tool_arguments",
    "tool_response",
    "traceloop.entity.input",
    "traceloop.entity.output",
    "retrieval.documents.0.document.content",
    "reranker.query",
    "db.statement",
    "db.query.text",
    "exception.message",
    "url.full",
    "app.prompt",
    "app.user_question",
    "app.api_key",
    "app.email",
    "anything.else",
)


def test_span_bodies(loads: Any, otlp: Any, span: Any) -> None:
    values = {key: f"{CANARY} {key}" for key in BODY_ATTRIBUTES}
    kept = {"gen_ai.request.model": "gpt-4.1", "app.feature": "search", "app.prompt_tokens": 5}
    own = {"team": "a", "question": CANARY, "list": [{"x": CANARY}]}
    kept_too = {"metadata": json.dumps(own), "app.note": CANARY * 200}
    events = [
        {"name": name, "attributes": [{"key": key, "value": {"stringValue": CANARY}}]}
        for name, key in (
            ("exception", "exception.message"),
            ("gen_ai.choice", "message"),
            ("gen_ai.content.prompt", "gen_ai.prompt"),
            ("db.query.result", "db.query.result.document"),
        )
    ]
    status = {"code": 2, "message": CANARY}
    one = span(1, values | kept | kept_too, events=events, status=status)
    bad = span(2, values, startTimeUnixNano=CANARY)
    one["links"] = [{"traceId": CANARY}]
    lines = [json.dumps(otlp(one, bad, resource=values)), json.dumps(otlp(one))[:2000], CANARY]
    loads.write("otel/spans.jsonl", "\n".join(lines))
    flat = {"trace_id": "a" * 32, "span_id": "b" * 16, "start_time": "2026-11-21"}
    flat |= {"attributes": values | kept, "resource_attributes": values}
    loads.write_lines("otel/flat.jsonl", [flat])
    loads.load()
    assert CANARY not in written(loads)
    attributes = loads.json("otel_spans", "attributes")
    assert attributes == [kept, kept | {"metadata": '{"team":"a"}'}]
    assert loads.json("otel_spans", "resource_attributes") == [{}, {}]
    loads.balance()


def test_more_attributes_on_request(loads: Any, otlp: Any, span: Any, spend_log: Any) -> None:
    values = {"acme.squad": "blue", "acme.level": 3, "other": "x"}
    loads.write_lines("otel/spans.jsonl", [otlp(span(1, values))])
    log = spend_log(1, metadata={"squad": "blue", "other": "x"})
    loads.write_lines("litellm/spend.jsonl", [log])
    loads.load(keep_keys=("acme.*", "squad"))
    assert loads.json("otel_spans", "attributes") == [{"acme.squad": "blue", "acme.level": 3}]
    assert loads.json("litellm_spend_logs", "metadata") == [{"squad": "blue"}]


@pytest.mark.parametrize("key", ["a'b", "*", "a b", "**", "x;y"])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(ChargebackError, match="no attribute key"):
        checked_keys([key])


def test_kept_attributes_have_no_bodies() -> None:
    """The allow list and the bodies we know have nothing in common."""
    assert not set(KEPT_ATTRIBUTES) & set(BODY_ATTRIBUTES)


def test_api_keys_are_hashed(loads: Any, spend_log: Any) -> None:
    key = f"sk-{CANARY}"
    hashed = hashlib.sha256(key.encode()).hexdigest()
    values = [key, "A" * 64, "litellm_proxy_master_key", "", None, "b" * 63]
    rows = [spend_log(number, api_key=value) for number, value in enumerate(values)]
    loads.write_lines("litellm/spend.jsonl", rows)
    loads.write_lines(
        "litellm/keys.jsonl",
        [
            {"token": key, "key_name": f"sk-{CANARY}", "key_alias": "a", "user_id": "u"},
            {"token": "c" * 64, "key_name": "sk-...abcd", "key_alias": "b", "user_id": "u"},
        ],
    )
    line = {"api_key": key, "team_id": "t", "valid_from": "2026-01-01"}
    loads.write_lines("directory/keys.jsonl", [line])
    query = {"query_id": "q", "queried_at": "2026-01-01", "store": "s", "operation": "query"}
    loads.write_lines("retrieval/queries.jsonl", [query | {"api_key": key}])
    loads.load()
    short = hashlib.sha256(("b" * 63).encode()).hexdigest()
    expected = [hashed, "a" * 64, "litellm_proxy_master_key", "", None, short]
    assert [row[0] for row in loads.rows("litellm_spend_logs", "api_key")] == expected
    assert loads.rows("litellm_keys", "token, key_name") == [
        (hashed, hashed),
        ("c" * 64, "sk-...abcd"),
    ]
    assert loads.rows("directory_api_keys", "api_key") == [(hashed,)]
    assert loads.rows("retrieval_queries", "api_key") == [(hashed,)]
    assert CANARY not in written(loads)


USER = {
    "user_id": "u-1",
    "user_alias": "ann@example.com",
    "user_email": "ann@example.com",
    "user_role": "internal_user",
    "teams": ["t-1"],
    "metadata": {"contact": "ann@example.com", "office": "Berlin", "password": "x"},
}
TEAM = {
    "team_id": "t-1",
    "team_alias": "search",
    "metadata": {
        "owner": "search@example.com",
        "tags": ["a", "b"],
        "callback_settings": {"secret_key": CANARY},
        "api_key": CANARY,
        "logging": [{"key": CANARY}],
    },
}


def test_addresses_of_users(loads: Any) -> None:
    loads.write_lines("litellm/users.jsonl", [USER])
    loads.write_lines("litellm/teams.jsonl", [TEAM])
    person = {"user_id": "u", "user_name": "ann@example.com", "team_id": "t", "valid_from": 1e9}
    loads.write_lines("directory/users.jsonl", [person])
    loads.load()
    assert loads.rows("litellm_users", "user_id, user_alias, user_email") == [("u-1", None, None)]
    assert loads.json("litellm_users", "teams") == [["t-1"]]
    assert loads.json("litellm_users", "metadata") == [{"office": "Berlin"}]
    assert loads.rows("directory_users", "user_id, user_name") == [("u", None)]
    # A team's mailbox is kept: it says who can fix something.
    assert loads.json("litellm_teams", "metadata") == [
        {"owner": "search@example.com", "tags": ["a", "b"]}
    ]
    text = written(loads)
    assert "ann@example.com" not in text and CANARY not in text


def test_addresses_on_request(loads: Any) -> None:
    loads.write_lines("litellm/users.jsonl", [USER])
    loads.load(keep_emails=True)
    address = "ann@example.com"
    assert loads.rows("litellm_users", "user_alias, user_email") == [(address, address)]
    kept = {"contact": address, "office": "Berlin"}
    assert loads.json("litellm_users", "metadata") == [kept]


def test_excerpts_of_masked_lines(duckdb_loads: Any, spend_log: Any) -> None:
    line = json.dumps({"messages": f"{CANARY} 0171 555", "model": f'a "{CANARY}": x'})[:-1]
    duckdb_loads.write("litellm/spend.jsonl", json.dumps(spend_log(1)) + "\n" + line)
    duckdb_loads.load()
    [(excerpt,)] = duckdb_loads.rows("rejects", "excerpt", "1")
    assert excerpt.startswith('{"messages": "xxxxxxxxxx 0000 000", "model": "x ')
    assert "CANARY" not in excerpt
