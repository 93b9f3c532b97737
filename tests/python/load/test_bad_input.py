"""Bad input never stops a load and never vanishes."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard


def test_every_kind_of_bad_line(loads: Any, spend_log: Any) -> None:
    def line(row: Any) -> bytes:
        return json.dumps(row).encode()

    lines = [
        line(spend_log(1)),
        b'{"request_id": "x", "model": ',
        b"[1, 2]",
        b"12",
        b"",
        line(spend_log(2)) + b"\0",
        line(spend_log(3)).replace(b"user-1", b"\xff\xfe"),
        line(spend_log(4, prompt_tokens="many")),
        line(spend_log(5, prompt_tokens=1.5)),
        line(spend_log(6, startTime="yesterday")),
        line(spend_log(7, spend="free")),
        line(spend_log(8, metadata="{broken")),
        line(spend_log("", request_id="")),
        line(spend_log("", request_id=None)),
        line(spend_log(9)) + b"garbage",
        b"not json at all",
        line(spend_log(10)),
    ]
    loads.write("litellm/spend.jsonl", b"\n".join(lines))
    result = loads.load_one()
    assert (result.row_count, result.loaded_count, result.rejected_count) == (16, 2, 14)
    assert [row[1:] for row in sorted(loads.rejects())] == [
        (2, "invalid_json"),
        (3, "not_an_object"),
        (4, "not_an_object"),
        (6, "nul_byte"),
        (7, "invalid_utf8"),
        (8, "invalid_value"),
        (9, "invalid_value"),
        (10, "invalid_value"),
        (11, "invalid_value"),
        (12, "invalid_value"),
        (13, "missing_value"),
        (14, "missing_value"),
        (15, "invalid_json"),
        (16, "invalid_json"),
    ]
    reasons = dict(loads.rows("rejects", "line_number, reason", "1"))
    assert reasons[8] == "prompt_tokens is no whole number"
    assert reasons[10] == "start_time is no time"
    assert "request_id" in reasons[13]
    excerpts = dict(loads.rows("rejects", "line_number, excerpt", "1"))
    assert excerpts[9] == "prompt_tokens = 1.5"
    assert excerpts[8] == "prompt_tokens = xxxx"
    assert excerpts[2] == '{"request_id": "x", "model": '
    assert excerpts[16] == "xxx xxxx xx xxx"
    assert all(len(text or "") <= 120 for text in excerpts.values())
    loads.balance()


def test_lines_that_are_too_long(loads: Any, spend_log: Any) -> None:
    """One is longer than a block, one is the last line without an end."""
    long = json.dumps(spend_log(2, messages="x" * 20_000_000))
    rest = json.dumps(spend_log(4, messages="y" * 3_000_000))
    text = "\n".join([json.dumps(spend_log(1)), long, json.dumps(spend_log(3)), rest])
    loads.write("litellm/spend.jsonl", text)
    result = loads.load_one(max_line_bytes=1_000_000)
    assert (result.loaded_count, result.rejected_count) == (2, 2)
    assert loads.rejects() == [
        ("litellm/spend.jsonl", 2, "line_too_long"),
        ("litellm/spend.jsonl", 4, "line_too_long"),
    ]
    assert loads.rows("litellm_spend_logs", "request_id, _line_number") == [
        ("chatcmpl-1", 1),
        ("chatcmpl-3", 3),
    ]
    loads.balance()


@pytest.mark.slow
def test_a_line_of_100_mb_and_a_nul(duckdb_loads: Any, spend_log: Any) -> None:
    long = json.dumps(spend_log(2, messages="x" * 100_000_000))
    lines = [json.dumps(spend_log(1)), long, json.dumps(spend_log(3)) + "\0"]
    duckdb_loads.write("litellm/spend.jsonl", "\n".join([*lines, json.dumps(spend_log(4))]))
    result = duckdb_loads.load_one()
    assert (result.loaded_count, result.rejected_count) == (2, 2)
    assert [row[1:] for row in duckdb_loads.rejects()] == [(2, "line_too_long"), (3, "nul_byte")]
    duckdb_loads.balance()


@pytest.mark.parametrize("suffix", ["gz", "zst"])
@pytest.mark.parametrize("kind", ["jsonl", "json", "csv"])
def test_truncated_compression(loads: Any, spend_log: Any, kind: str, suffix: str) -> None:
    source = random.Random(1)
    rows = [spend_log(n, end_user=source.randbytes(20).hex()) for n in range(2000)]
    for row in rows:
        row["metadata"], row["request_tags"] = "", ""
    if kind == "jsonl":
        text = "".join(json.dumps(row) + "\n" for row in rows)
    elif kind == "json":
        text = json.dumps(rows)
    else:
        text = ",".join(rows[0]) + "\n"
        for row in rows:
            text += ",".join("" if v in (None, {}) else str(v) for v in row.values()) + "\n"
    data = gzip.compress(text.encode()) if suffix == "gz" else zstandard.compress(text.encode())
    path = loads.raw / "litellm" / f"spend.{kind}.{suffix}"
    path.parent.mkdir()
    path.write_bytes(data[: len(data) * 2 // 3])
    result = loads.load_one()
    assert result.rejected_count == 1
    loaded = loads.rows("litellm_spend_logs", "request_id, end_user, _line_number")
    assert 0 < len(loaded) < 2000
    assert [row[:2] for row in loaded] == [
        (row["request_id"], row["end_user"]) for row in rows[: len(loaded)]
    ]
    [(_, line, code)] = loads.rejects()
    assert (line, code) == (loaded[-1][2] + 1, "truncated")
    loads.balance()


@pytest.mark.parametrize(
    "suffix", ["jsonl", "json", "csv", "parquet", "jsonl.gz", "bin", "json.zst"]
)
def test_garbage(loads: Any, suffix: str) -> None:
    """Bytes of nothing, under the name of every format."""
    data = random.Random(2).randbytes(50_000)
    path = loads.raw / "otel" / f"garbage.{suffix}"
    path.parent.mkdir()
    path.write_bytes(data)
    result = loads.load_one()
    assert result.loaded_count == 0 and result.rejected_count >= 1
    assert all(len(row[0] or "") <= 120 for row in loads.rows("rejects", "excerpt", "1"))
    loads.balance()
    assert loads.load_one().state == "skipped"


@pytest.mark.parametrize("name", ["x.csv.gz", "x.jsonl.zst"])
def test_a_damaged_start_of_a_compressed_file(duckdb_loads: Any, name: str) -> None:
    path = duckdb_loads.write(f"business/{name}", "outcome_id\n1\n" * 100)
    data = bytearray(path.read_bytes())
    data[12:30] = b"\xff" * 18
    path.write_bytes(data)
    result = duckdb_loads.load_one()
    assert result.loaded_count == 0 and result.rejected_count == 1
    duckdb_loads.balance()


def test_garbage_inside_parquet(loads: Any, spend_log: Any) -> None:
    rows = [spend_log(n, metadata="{}", request_tags="[]") for n in range(5000)]
    for row in rows:
        row["messages"] = row["response"] = row["proxy_server_request"] = "{}"
    path = loads.write("litellm/spend.parquet", b"")
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=1000, compression="zstd")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = b"\xff" * 2000
    path.write_bytes(data)
    result = loads.load_one()
    assert (result.state, result.rejected_count) == ("refused", 1)
    assert loads.rejects() == [("litellm/spend.parquet", 0, "unreadable_file")]
    assert loads.rows("litellm_spend_logs") == []
    loads.balance()


def test_bad_rows_in_parquet(loads: Any, spend_log: Any) -> None:
    rows = [spend_log(n, prompt_tokens="x" if n == 2 else "7") for n in range(1, 4)]
    for row in rows:
        row["metadata"] = row["messages"] = row["response"] = row["proxy_server_request"] = "{}"
    pq.write_table(pa.Table.from_pylist(rows), loads.write("litellm/spend.parquet", b""))
    result = loads.load_one()
    assert (result.row_count, result.loaded_count, result.rejected_count) == (3, 2, 1)
    assert loads.rejects() == [("litellm/spend.parquet", 2, "invalid_value")]
    loads.balance()


def test_bad_rows_in_csv(loads: Any) -> None:
    lines = [
        b"outcome_id,outcome_type,occurred_at,value",
        b"1,ticket,2026-11-01,5",
        b"2,ticket,2026-11-01",
        b"3,ticket,2026-11-01,5,6",
        b"4,tick\xff,2026-11-01,5",
        b"5,tick\0,2026-11-01,5",
        b"6,ticket,never,5",
        b'7,"ticket, two",2026-11-01T10:00:00Z,',
        b",ticket,2026-11-01,5",
        b"",
        b'8,ticket,"2026-11-01,5',
    ]
    loads.write("business/outcomes.csv", b"\n".join(lines))
    result = loads.load_one()
    assert (result.row_count, result.loaded_count, result.rejected_count) == (9, 2, 7)
    assert sorted(row[1:] for row in loads.rejects()) == [
        (3, "invalid_csv"),
        (4, "invalid_csv"),
        (5, "invalid_utf8"),
        (6, "nul_byte"),
        (7, "invalid_value"),
        (9, "missing_value"),
        (10, "invalid_csv"),
    ]
    found = loads.rows("business_outcomes", "outcome_id, outcome_type, value, _line_number")
    assert [row[:2] + row[3:] for row in found] == [("1", "ticket", 2), ("7", "ticket, two", 8)]
    loads.balance()


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_missing_column(loads: Any, kind: str) -> None:
    row = {"outcome_id": "1", "outcome_type": "ticket", "value": "5"}
    if kind == "jsonl":
        loads.write_lines("business/outcomes.jsonl", [row, row])
    elif kind == "csv":
        loads.write("business/outcomes.csv", "outcome_id,outcome_type,value\n1,ticket,5\n")
    else:
        path = loads.write("business/outcomes.parquet", b"")
        pq.write_table(pa.Table.from_pylist([row]), path)
    result = loads.load_one()
    assert (result.state, result.row_count, result.rejected_count) == ("refused", 1, 1)
    assert result.message == "business_outcomes needs column occurred_at"
    assert [row[1:] for row in loads.rejects()] == [(0, "missing_column")]
    loads.balance()


def test_columns_of_no_table(duckdb_loads: Any) -> None:
    duckdb_loads.write("litellm/columns.csv", "ordinal,name\n1,request_id\n")
    result = duckdb_loads.load_one()
    assert result.state == "refused"
    assert "columns fit no table of litellm: it has 2 columns, none of them known" in result.message
    assert "litellm_teams needs team_id, team_alias" in result.message
    assert [row[1:] for row in duckdb_loads.rejects()] == [(0, "unknown_table")]


def test_empty_files_and_folders(loads: Any) -> None:
    for name in ("a.jsonl", "b.json", "c.csv", "d.txt", "e.json.gz"):
        loads.write(f"business/{name}", "")
    loads.write("business/f.csv", "outcome_id,outcome_type,occurred_at\n")
    loads.write("business/g.json", "[]")
    (loads.raw / "finance").mkdir()
    report = loads.load()
    assert report.discovery.empty_sources == ["finance"]
    assert report.rejected_count == 0
    assert {result.row_count for result in report.results} == {0}
    loads.balance()


def test_what_is_no_data(duckdb_loads: Any, spend_log: Any) -> None:
    for name in ("README.md", ".hidden.jsonl", ".git/a.jsonl", "spend.jsonl.tmp", "ddl.sql"):
        duckdb_loads.write(f"litellm/{name}", "nothing")
    duckdb_loads.write("helicone/a.jsonl", "{}")
    duckdb_loads.write("stray.jsonl", "{}")
    found = duckdb_loads.load().discovery
    assert found.files == [] and len(found.ignored) == 5
    assert found.unknown_sources == ["helicone/", "stray.jsonl"]
    assert found.empty_sources == ["litellm"]


def test_a_document_that_breaks_off(loads: Any, spend_log: Any) -> None:
    text = json.dumps([spend_log(1), spend_log(2)], indent=1)
    loads.write("litellm/spend.json", text[:-40])
    result = loads.load_one()
    assert (result.loaded_count, result.rejected_count) == (1, 1)
    assert [row[1:] for row in loads.rejects()] == [(2, "invalid_json")]
    loads.balance()


def test_unreadable_file(duckdb_loads: Any, spend_log: Any, monkeypatch: Any) -> None:
    duckdb_loads.write_lines("litellm/spend.jsonl", [spend_log(1)])

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("chargeback.load.run.content_hash", refuse)
        report = duckdb_loads.load()
    assert [(r.state, r.message) for r in report.failed] == [("failed", "permission denied")]
    assert duckdb_loads.rows("loads", "*", "1") == []
    assert duckdb_loads.load_one().state == "loaded"
