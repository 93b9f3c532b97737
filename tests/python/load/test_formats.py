"""Every format and compression gives the same rows."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

OUTCOMES = [
    {
        "outcome_id": f"o-{number}",
        "outcome_type": "ticket, resolved",
        "occurred_at": f"2026-11-0{number}T10:00:00.123456",
        "team": None,
        "feature": 'a "quoted"\nname é',
        "trace_id": "f" * 32,
        "quantity": 1.5,
        "value": None,
        "currency": "USD",
    }
    for number in (1, 2, 3)
]
EXPECTED = [
    (
        f"o-{number}",
        "ticket, resolved",
        datetime(2026, 11, number, 10, 0, 0, 123456),
        None,
        'a "quoted"\nname é',
        "f" * 32,
        Decimal("1.5"),
        None,
        "USD",
    )
    for number in (1, 2, 3)
]


def as_csv(rows: list[dict[str, Any]], delimiter: str = ",") -> str:
    """Rows as CSV, nulls empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


TEXTS = {
    "rows.jsonl": "".join(json.dumps(row) + "\n" for row in OUTCOMES),
    "rows.ndjson": "\r\n".join(json.dumps(row) for row in OUTCOMES),
    "lines.json": "\n\n".join(json.dumps(row) for row in OUTCOMES),
    "bom.jsonl": "\ufeff" + "".join(json.dumps(row) + "\n" for row in OUTCOMES),
    "array.json": json.dumps(OUTCOMES),
    "pretty.json": json.dumps(OUTCOMES, indent=2),
    "array.jsonl": json.dumps(OUTCOMES, indent=2),
    "wrapped.json": json.dumps({"data": OUTCOMES, "next": None}),
    "values.json": "\n".join(json.dumps(row, indent=1) for row in OUTCOMES),
    "no_suffix": "".join(json.dumps(row) + "\n" for row in OUTCOMES),
    "rows.csv": as_csv(OUTCOMES),
    "semicolon.csv": as_csv(OUTCOMES, ";"),
    "rows.tsv": as_csv(OUTCOMES, "\t"),
}


@pytest.mark.parametrize("compression", ["", ".gz", ".zst"])
@pytest.mark.parametrize("name", TEXTS)
def test_text_formats(loads: Any, name: str, compression: str) -> None:
    loads.write(f"business/{name}{compression}", TEXTS[name])
    result = loads.load_one()
    assert (result.state, result.table_name) == ("loaded", "business_outcomes")
    assert (result.row_count, result.loaded_count, result.rejected_count) == (3, 3, 0)
    rows = loads.rows("business_outcomes")
    assert [row[:-2] for row in rows] == EXPECTED
    lines = [row[-1] for row in rows]
    assert lines == sorted(set(lines)) and lines[0] >= 1
    loads.balance()


def test_parquet(loads: Any) -> None:
    table = pa.Table.from_pylist(
        [row | {"occurred_at": datetime.fromisoformat(row["occurred_at"])} for row in OUTCOMES]
    )
    path = loads.write("business/deep/folder/rows.parquet", b"")
    pq.write_table(table, path, row_group_size=2)
    assert loads.load_one().loaded_count == 3
    rows = loads.rows("business_outcomes")
    assert [row[:-2] for row in rows] == EXPECTED
    assert [row[-1] for row in rows] == [1, 2, 3]
    loads.balance()


def test_parquet_types(loads: Any, spend_log: Any) -> None:
    """Nested columns, floats, time zones and integers of every width are cast, not rejected."""
    from datetime import UTC

    rows = [
        spend_log(1, spend=0.1, startTime=datetime(2026, 11, 21, 9, tzinfo=UTC)),
        spend_log(2, spend=1e-7, startTime=datetime(2026, 11, 21, 10, tzinfo=UTC)),
    ]
    for row in rows:
        row["messages"] = row["response"] = row["proxy_server_request"] = None
    table = pa.Table.from_pylist(rows)
    table = table.set_column(
        table.schema.get_field_index("prompt_tokens"), "prompt_tokens", pa.array([10, 10], "uint16")
    )
    pq.write_table(table, loads.write("litellm/spend.parquet", b""))
    result = loads.load_one()
    assert (result.loaded_count, result.rejected_count) == (2, 0)
    columns = "request_id, spend, prompt_tokens, start_time"
    assert loads.rows("litellm_spend_logs", columns) == [
        ("chatcmpl-1", Decimal("0.1"), 10, datetime(2026, 11, 21, 9)),
        ("chatcmpl-2", Decimal("0.0000001"), 10, datetime(2026, 11, 21, 10)),
    ]
    assert (
        loads.json("litellm_spend_logs", "metadata")
        == [{"usage_object": {"prompt_tokens": 10}}] * 2
    )
    assert loads.json("litellm_spend_logs", "request_tags") == [["team:search"]] * 2


@pytest.mark.parametrize("why", ["memory", "width"])
def test_parquet_in_batches(duckdb_loads: Any, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    """When rows are wide, or memory runs out, the file is read in batches: the same rows."""
    if why == "memory":

        def fail(*_: Any) -> None:
            raise duckdb.OutOfMemoryException("full")

        monkeypatch.setattr("chargeback.load.target.Target.add_file_rows", fail)
    else:
        monkeypatch.setattr("chargeback.load.file_loader.NARROW_ROW_BYTES", 0)
    monkeypatch.setattr("chargeback.load.parquet._BATCH_ROWS", 7)
    rows = [OUTCOMES[0] | {"outcome_id": f"o-{n}", "quantity": str(n)} for n in range(1, 51)]
    rows[9]["quantity"] = "many"
    path = duckdb_loads.write("business/rows.parquet", b"")
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=20)
    result = duckdb_loads.load_one()
    assert (result.state, result.loaded_count, result.rejected_count) == ("loaded", 49, 1)
    found = duckdb_loads.rows("business_outcomes", "outcome_id, _line_number")
    assert found == [(f"o-{number}", number) for number in range(1, 51) if number != 10]
    assert [row[1:] for row in duckdb_loads.rejects()] == [(10, "invalid_value")]
    duckdb_loads.balance()


def test_parquet_that_fits_no_memory(duckdb_loads: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the file is kept, its content is not taken for loaded, and the message says it."""

    def fail(*_: Any) -> None:
        raise duckdb.OutOfMemoryException("full")

    monkeypatch.setattr("chargeback.load.target.Target.add_file_rows", fail)
    monkeypatch.setattr("chargeback.load.target.Target.add_rows", fail)
    path = duckdb_loads.write("business/rows.parquet", b"")
    pq.write_table(pa.Table.from_pylist(OUTCOMES), path)
    result = duckdb_loads.load_one()
    assert (result.state, result.message) == ("failed", "a row of it needs more than 256MB")
    monkeypatch.undo()
    assert duckdb_loads.load_one().loaded_count == len(OUTCOMES)
    duckdb_loads.balance()


def test_which_table_by_content_then_name(duckdb_loads: Any) -> None:
    seat = {"user_id": "u", "team_id": "t", "seat_plan": "pro", "valid_from": "2026-01-01"}
    key = {"api_key": "sk-1", "team_id": "t", "valid_from": "2026-01-01"}
    user = {"user_id": "u", "team_id": "t", "valid_from": "2026-01-01"}
    duckdb_loads.write_lines("directory/users.jsonl", [seat])
    duckdb_loads.write_lines("directory/seats.jsonl", [key])
    duckdb_loads.write_lines("directory/people_users.jsonl", [user])
    tables = {r.file.name: r.table_name for r in duckdb_loads.load().results}
    assert tables == {
        "directory/users.jsonl": "directory_seats",
        "directory/seats.jsonl": "directory_api_keys",
        "directory/people_users.jsonl": "directory_users",
    }


def test_many_batches_keep_line_numbers(
    duckdb_loads: Any, spend_log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargeback.load.streams.BLOCK_BYTES", 1000)
    rows = [spend_log(number) for number in range(1, 301)]
    duckdb_loads.write_lines("litellm/spend.jsonl.gz", rows)
    assert duckdb_loads.load_one().loaded_count == 300
    found = duckdb_loads.rows("litellm_spend_logs", "request_id, _line_number")
    assert found == [(f"chatcmpl-{number}", number) for number in range(1, 301)]


def test_many_csv_blocks_keep_record_numbers(
    duckdb_loads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chargeback.load.streams.BLOCK_BYTES", 100)
    rows = [OUTCOMES[0] | {"outcome_id": f"o-{number}"} for number in range(2, 202)]
    duckdb_loads.write("business/rows.csv", as_csv(rows))
    assert duckdb_loads.load_one().loaded_count == 200
    found = duckdb_loads.rows("business_outcomes", "outcome_id, _line_number")
    assert found == [(f"o-{number}", number) for number in range(2, 202)]
