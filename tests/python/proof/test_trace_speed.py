"""Seconds to build deep and wide traces, against as many events that hang together in nothing.

`CHARGEBACK_SPEED_SPANS=1000000 pytest -s tests/python/proof/test_trace_speed.py` measures so many
spans; without the variable nothing is measured. Each kind of log is written into a warehouse of its
own, and `dbt run` builds everything from it; what it takes without a row is taken off. Seconds are
the processors', user and system: those on the clock depend on what else runs.
"""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path

import duckdb
import pytest

from chargeback.load.tables import create_statements
from chargeback.warehouse import DUCKDB
from empty_build import ROOT, run_dbt

pytestmark = pytest.mark.slow
SIZE = int(os.environ.get("CHARGEBACK_SPEED_SPANS", "0"))
SLOWER_THAN_FLAT = 3
DEEP, WIDE, WIDEST = 51, 1_000, 10_000
MODELS = ("gpt-4.1", "gpt-4o", "gpt-4.1-mini", "o3")

_MODEL = f"list_extract({list(MODELS)}, 1 + cast(hash(i) % {len(MODELS)} as integer))"
_MONTH_MS = 30 * 86_400_000
_TIME = f"timestamp '2026-09-01' + to_milliseconds(i * {_MONTH_MS} // {max(SIZE, 1)})"
_TOKENS = {
    "gen_ai.usage.input_tokens": "100 + hash(i, 1) % 8000",
    "gen_ai.usage.output_tokens": "1 + hash(i, 2) % 900",
    "gen_ai.usage.cache_read.input_tokens": "hash(i, 3) % 100",
}


def _attributes(values: dict[str, str]) -> str:
    pairs = ", ".join(f"'{key}', {value}" for key, value in values.items())
    return f"json_object({pairs})"


_CHAT = _attributes(
    {
        "gen_ai.operation.name": "'chat'",
        "gen_ai.provider.name": "'openai'",
        "gen_ai.request.model": _MODEL,
        "gen_ai.response.model": _MODEL,
        "gen_ai.response.id": "'chatcmpl-' || md5('r' || i)",
        "server.address": "'api.openai.com'",
        "gen_ai.request.temperature": "'0.2'",
        **_TOKENS,
    }
)
_TOOL = _attributes(
    {
        "gen_ai.operation.name": "'execute_tool'",
        "gen_ai.tool.name": "'tool-' || hash(i, 4) % 9",
        "gen_ai.tool.call.id": "'call_' || md5('t' || i)",
    }
)
_AGENT = _attributes(
    {
        "gen_ai.operation.name": "'invoke_agent'",
        "gen_ai.agent.name": "'agent-' || hash(trace) % 20",
        "gen_ai.conversation.id": "md5('c' || trace)",
    }
)
_REQUEST = _attributes(
    {"http.request.method": "'POST'", "app.feature": "'recaps'", "enduser.id": "'user-' || trace"}
)
# Number of a span in its trace -> what it did; the root is a request.
_KIND = (
    f"case when place = 0 then {_REQUEST} when place % 10 = 1 then {_AGENT} "
    f"when place % 10 in (3, 6, 9) then {_TOOL} else {_CHAT} end"
)
_RESOURCE = _attributes({"service.name": "'shop-api'", "deployment.environment.name": "'prod'"})


def _spans(trace: str, place: str, parent: str, attributes: str, rows: str) -> str:
    """Rows of `raw.otel_spans`; `trace`, `place` and `parent` are numbers, no parent is null."""
    return (
        "insert into raw.otel_spans by name select md5('trace ' || trace) as trace_id, "
        "left(md5(trace || '/' || place), 16) as span_id, "
        "coalesce(left(md5(trace || '/' || parent), 16), '') as parent_span_id, "
        "'step' as span_name, "
        f"{_TIME} as start_time, {_TIME} + interval 2 second as end_time, "
        "'app' as scope_name, 0 as status_code, "
        f"{attributes} as attributes, {_RESOURCE} as resource_attributes, "
        "1 as _load_id, i as _line_number "
        f"from (select i, {trace} as trace, {place} as place, {parent} as parent "
        f"from range({rows}) as numbers (i))"
    )


def _trees() -> list[str]:
    """Half of the spans in chains, half under one root; one trace is ten times as wide."""
    half = SIZE // 2
    deep = _spans(
        f"i // {DEEP}",
        f"i % {DEEP}",
        f"case when i % {DEEP} > 0 then i % {DEEP} - 1 end",
        _KIND,
        f"0, {half}",
    )
    widest = min(WIDEST, SIZE - half)
    wide = _spans(
        f"'w' || i // {WIDE}",
        f"i % {WIDE}",
        f"case when i % {WIDE} > 0 then 0 end",
        _KIND,
        f"{half}, {SIZE - widest}",
    )
    first = SIZE - widest
    one = _spans(
        "'widest'", f"i - {first}", f"case when i > {first} then 0 end", _KIND, f"{first}, {SIZE}"
    )
    return [deep, wide, one]


def _flat_spans() -> list[str]:
    """Calls without parents, each in a trace of its own."""
    return [_spans("'f' || i", "0", "null", _CHAT, f"0, {SIZE}")]


def _gateway_rows() -> list[str]:
    """As many rows of LiteLLM."""
    usage = _attributes(
        {
            "prompt_tokens": "100 + hash(i, 1) % 8000",
            "completion_tokens": "1 + hash(i, 2) % 900",
            "total_tokens": "101 + hash(i, 1) % 8000 + hash(i, 2) % 900",
            "prompt_tokens_details": _attributes({"cached_tokens": "hash(i, 3) % 100"}),
        }
    )
    metadata = _attributes({"status": "'success'", "usage_object": usage})
    return [
        "insert into raw.litellm_spend_logs by name "
        "select 'chatcmpl-' || md5('r' || i) as request_id, "
        f"'acompletion' as call_type, {_TIME} as start_time, {_TIME} as end_time, "
        f"'openai/' || {_MODEL} as model, 'openai' as custom_llm_provider, 0 as spend, "
        "100 + hash(i, 1) % 8000 as prompt_tokens, 1 + hash(i, 2) % 900 as completion_tokens, "
        f"{metadata} as metadata, json_array('feature:recaps', 'env:prod') as request_tags, "
        "'user-' || i % 500 as user_id, 'success' as status, 'False' as cache_hit, "
        "md5('s' || i) as session_id, 1 as _load_id, i as _line_number "
        f"from range({SIZE}) as numbers (i)"
    ]


@pytest.mark.skipif(not SIZE, reason="CHARGEBACK_SPEED_SPANS is not set")
def test_traces_cost_little_more_than_flat_events(tmp_path: Path) -> None:
    nothing, _ = _build(tmp_path / "nothing", [], "")
    seconds = {}
    for name, table, statements in (
        ("deep and wide traces", "otel_spans", _trees()),
        ("spans without parents", "otel_spans", _flat_spans()),
        ("gateway rows", "litellm_spend_logs", _gateway_rows()),
    ):
        taken, steps = _build(tmp_path / name.replace(" ", "-"), statements, table)
        seconds[name] = taken - nothing
        slowest = ", ".join(f"{step} {value:.1f}" for step, value in steps[:6])
        print(f"| {name} | {SIZE:,} | {seconds[name]:.1f} s | {slowest} |")
    trees = seconds.pop("deep and wide traces")
    for name, flat in seconds.items():
        print(f"traces take {trees / flat:.2f} x the time of {name}")
    assert trees < SLOWER_THAN_FLAT * min(seconds.values())


def _build(
    folder: Path, statements: list[str], table: str
) -> tuple[float, list[tuple[str, float]]]:
    """Seconds that `dbt run` takes, and those on the clock of each model, the slowest first."""
    folder.mkdir()
    (folder / "profiles.yml").write_bytes((ROOT / "profiles.example.yml").read_bytes())
    path = folder / "empty.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in create_statements("raw", DUCKDB) + statements:
            connection.execute(statement)
        if table:
            connection.execute(
                "insert into raw.loads by name select 1 as load_id, 'logs' as source, "
                f"'{table}' as table_name, 'logs' as file_name, 'logs' as content_hash, "
                f"0 as byte_count, {SIZE} as row_count, {SIZE} as loaded_count, "
                "0 as rejected_count, now()::timestamp as loaded_at"
            )
    run_dbt(folder, "seed")
    started = _processor_seconds()
    run_dbt(folder, "run")
    taken = _processor_seconds() - started
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))
    steps = [
        (result["unique_id"].rpartition(".")[2], result["execution_time"])
        for result in results["results"]
    ]
    with duckdb.connect(str(path), read_only=True) as connection:
        [found] = connection.execute("select count(*) from chargeback.fct_usage_events").fetchone()
    print(f"{found:,} events")
    path.unlink()
    return taken, sorted(steps, key=lambda step: -step[1])


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
