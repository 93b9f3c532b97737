"""A file's content is loaded once, completely or not at all."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from typing import Any

import pytest

from chargeback.load import file_loader, run
from chargeback.load.target import Target


def test_manifest(loads: Any, spend_log: Any) -> None:
    path = loads.write_lines("litellm/2026/spend.jsonl", [spend_log(1), {"request_id": 5}])
    loads.load()
    row = loads.rows("loads", "*", "load_id")[0]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    name = "litellm/2026/spend.jsonl"
    expected = (1, "litellm", "litellm_spend_logs", name, digest, path.stat().st_size, 2, 2, 0)
    assert row[:-2] == expected
    assert row[-1] == datetime(1970, 1, 1) + timedelta(microseconds=path.stat().st_mtime_ns // 1000)
    loads.balance()


def test_second_load_changes_nothing(loads: Any, spend_log: Any) -> None:
    loads.write_lines("litellm/spend.jsonl", [spend_log(1), "bad"])
    loads.write("litellm/notes.csv", "a,b\n1,2\n")
    loads.load()
    before = {name: loads.rows(name, "*", "1") for name in ("loads", "rejects")}
    rows = loads.rows("litellm_spend_logs")
    report = loads.load()
    assert [result.state for result in report.results] == ["skipped", "skipped"]
    assert {name: loads.rows(name, "*", "1") for name in ("loads", "rejects")} == before
    assert loads.rows("litellm_spend_logs") == rows


def test_a_file_that_was_not_touched_is_not_read(
    loads: Any, spend_log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = loads.write_lines("litellm/spend.jsonl", [spend_log(1)])
    loads.load()
    read = []
    real = run.content_hash

    def note(path: Any) -> str:
        read.append(path.name)
        return real(path)

    monkeypatch.setattr(run, "content_hash", note)
    assert loads.load_one().state == "skipped"
    assert read == []
    # Touched: its content is looked at once.
    os.utime(path, ns=(1, 1_700_000_000_000_000_000))
    assert [loads.load_one().state, loads.load_one().state] == ["skipped", "skipped"]
    assert read == ["spend.jsonl"]
    # Of the same size, but other content.
    loads.write_lines("litellm/spend.jsonl", [spend_log(2)])
    os.utime(path, ns=(1, 1_800_000_000_000_000_000))
    assert loads.load_one().state == "loaded"
    assert len(loads.rows("litellm_spend_logs")) == 2


def test_a_manifest_of_an_older_version(loads: Any, spend_log: Any) -> None:
    """Its files are looked at once more, and known then."""
    loads.write_lines("litellm/spend.jsonl", [spend_log(1)])
    loads.load()
    loads.warehouse.execute(
        f'alter table "{loads.warehouse.raw_schema}".loads drop column modified_at'
    )
    assert loads.load_one().state == "skipped"
    assert loads.rows("loads", "modified_at", "1")[0][0] is not None


def test_same_content_under_another_name(loads: Any, spend_log: Any) -> None:
    loads.write_lines("litellm/a.jsonl", [spend_log(1)])
    loads.write_lines("litellm/b.jsonl", [spend_log(1)])
    first, second = loads.load().results
    assert (first.state, second.state) == ("loaded", "skipped")
    assert second.message == "same content as litellm/a.jsonl"
    assert len(loads.rows("litellm_spend_logs")) == 1


def test_wrong_folder_does_not_block_the_right_one(duckdb_loads: Any, spend_log: Any) -> None:
    duckdb_loads.write_lines("finance/spend.jsonl", [spend_log(1)])
    assert duckdb_loads.load().results[0].state == "refused"
    duckdb_loads.write_lines("litellm/spend.jsonl", [spend_log(1)])
    states = [(r.file.source, r.state) for r in duckdb_loads.load().results]
    assert states == [("litellm", "loaded"), ("finance", "skipped")]


def test_a_file_that_grew_is_a_new_file(duckdb_loads: Any, spend_log: Any) -> None:
    duckdb_loads.write_lines("litellm/spend.jsonl", [spend_log(1)])
    duckdb_loads.load()
    duckdb_loads.write_lines("litellm/spend.jsonl", [spend_log(1), spend_log(2)])
    assert duckdb_loads.load_one().loaded_count == 2
    found = duckdb_loads.rows("litellm_spend_logs", "request_id, _load_id, _line_number")
    assert found == [("chatcmpl-1", 1, 1), ("chatcmpl-1", 2, 1), ("chatcmpl-2", 2, 2)]


@pytest.mark.parametrize("where", ["add_rows", "add_rejects", "add_manifest"])
def test_a_kill_leaves_nothing_half(
    loads: Any, spend_log: Any, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    loads.write_lines("litellm/a.jsonl", [spend_log(1)])
    loads.load()
    loads.write_lines("litellm/b.jsonl", [spend_log(2), "bad", spend_log(3)])
    real = getattr(Target, where)

    def write_and_stop(*arguments: Any) -> None:
        real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Target, where, write_and_stop)
        with pytest.raises(KeyboardInterrupt):
            loads.load()
    assert len(loads.rows("loads", "*", "1")) == 1
    assert loads.rows("rejects", "*", "1") == []
    assert loads.rows("litellm_spend_logs", "request_id") == [("chatcmpl-1",)]
    loads.load()
    found = loads.rows("litellm_spend_logs", "request_id")
    assert found == [("chatcmpl-1",), ("chatcmpl-2",), ("chatcmpl-3",)]
    loads.balance()


def test_a_file_that_changes_while_it_is_read(
    duckdb_loads: Any, spend_log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = duckdb_loads.write_lines("litellm/spend.jsonl", [spend_log(1)])
    real = file_loader.FileLoader.load

    def load_and_append(self: Any) -> None:
        real(self)
        path.write_text(path.read_text() * 2)

    with monkeypatch.context() as patch:
        patch.setattr(file_loader.FileLoader, "load", load_and_append)
        result = duckdb_loads.load_one()
    assert result.state == run.FAILED and "changed" in result.message
    assert duckdb_loads.rows("litellm_spend_logs") == []
    assert duckdb_loads.load_one().loaded_count == 2


def test_every_raw_table_is_made(loads: Any) -> None:
    loads.load()
    columns = {
        "litellm_spend_logs": "completion_start_time, request_tags, input_characters",
        "litellm_teams": "team_alias",
        "litellm_keys": "project_id",
        "litellm_users": "teams",
        "otel_spans": "resource_attributes",
        "langfuse_observations": "usage_details",
        "langfuse_traces": "tags",
        "bedrock_invocations": "request_metadata",
        "openai_usage": "num_model_requests",
        "openai_costs": "line_item",
        "anthropic_usage": "cache_creation_1h_input_tokens",
        "anthropic_costs": "amount",
        "retrieval_queries": "search_units",
        "business_outcomes": "quantity",
        "directory_users": "valid_to",
        "directory_api_keys": "service_account",
        "directory_seats": "seat_plan",
        "finance_invoice_lines": "line_kind",
    }
    for table, names in columns.items():
        assert loads.rows(table, f"{names}, _load_id, _line_number") == []
    assert loads.rows("loads", "*", "1") == [] and loads.rejects() == []
