"""Rows that cannot be used, and a second export that repeats some that can."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BAD_ROWS = 4
"""Rows of each kind: negative tokens, no model, no time."""
REEXPORT_ROWS = 400
_JSON_COLUMNS = ("metadata", "request_tags", "messages", "response", "proxy_server_request")


def bad_rows(table: pa.Table) -> pa.Table:
    """Add copies of rows that a broken exporter spoiled; a few call ids repeat as well."""
    count = min(BAD_ROWS, len(table) // 4)
    parts = [_with_repeated_call_ids(table)]
    kinds = ("negative", "model", "time") if count else ()
    for place, kind in enumerate(kinds):
        some = table.slice(place * count, count)
        ids = pc.binary_join_element_wise(f"bad-{kind}", _text(some, "request_id"), "-")
        some = _set(some, "request_id", ids)
        if kind == "negative":
            tokens = pa.array(np.full(count, -250), pa.int32())
            some = _set(_set(some, "prompt_tokens", tokens), "total_tokens", tokens)
        elif kind == "model":
            some = _set(_set(some, "model", _same("", count)), "model_group", _same("", count))
        else:
            for name in ("startTime", "endTime", "completionStartTime"):
                some = _set(some, name, pa.nulls(count, some.schema.field(name).type))
        parts.append(some)
    return pa.concat_tables(parts).unify_dictionaries()


def _with_repeated_call_ids(table: pa.Table) -> pa.Table:
    """The first six rows carry a call id that their client set, always the same."""
    count = min(6, len(table))
    ids = pa.concat_arrays(
        [pa.array(["nightly-job-7"] * count, pa.string()), _text(table, "litellm_call_id")[count:]]
    )
    return _set(table, "litellm_call_id", ids)


def _text(table: pa.Table, name: str) -> pa.Array:
    return pc.cast(table[name], pa.string()).combine_chunks()


def _same(value: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array([value]))


def _set(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, values)


def write_reexport(table: pa.Table, day: date, out: Path, files: list[str]) -> int:
    """Write some rows again as JSONL, as a second export would that overlaps; returns how many.

    The export was cut off: its last line is half a row, which the loader rejects.
    """
    some = table.slice(0, min(REEXPORT_ROWS, len(table)))
    path = out / "litellm" / "spend_logs" / f"re-export-{day.isoformat()}.jsonl"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        lines = [json.dumps(_as_exported(row), ensure_ascii=False) for row in some.to_pylist()]
        file.writelines(line + "\n" for line in lines)
        if lines:
            file.write(lines[0][: len(lines[0]) // 2])
    files.append(str(path.relative_to(out)))
    return len(some)


def _as_exported(row: dict) -> dict:
    result = {}
    for name, value in row.items():
        if isinstance(value, datetime):
            result[name] = value.isoformat(timespec="milliseconds")
        elif name in _JSON_COLUMNS and value is not None:
            result[name] = json.loads(value)
        else:
            result[name] = value
    return result
