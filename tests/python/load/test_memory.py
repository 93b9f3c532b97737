"""A large file is read in fixed memory, though all of it is one transaction."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chargeback.load import target

FILE_BYTES = 400_000_000
PEAK_BYTES = 900_000_000
# On Linux a new process inherits the peak that getrusage tells from the one that started it.
LOAD = """
import re, resource, sys
from pathlib import Path
from types import SimpleNamespace
import duckdb
from chargeback.load.run import load_folder
from chargeback.warehouse import Warehouse
names = SimpleNamespace(raw_schema="raw", schema="chargeback")
connection = duckdb.connect(sys.argv[1])
connection.execute("set threads = 2")
with Warehouse("duckdb", connection, names) as warehouse:
    result = load_folder(warehouse, Path(sys.argv[2])).results[0]
status = Path("/proc/self/status")
if status.exists():
    peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(result.loaded_count, peak * 1024)
"""


@pytest.mark.slow
def test_peak_memory(tmp_path: Path, spend_log: Any) -> None:
    usage = {f"detail_{number}_tokens": number for number in range(40)}
    log = spend_log(1, messages="x" * 9_000, metadata={"usage_object": usage})
    before, after = json.dumps(log).encode().split(b"chatcmpl-1")
    path = tmp_path / "raw" / "litellm" / "spend.jsonl"
    path.parent.mkdir(parents=True)
    rows = FILE_BYTES // (len(before) + len(after))
    with path.open("wb") as file:
        for number in range(rows):
            file.write(before + b"chatcmpl-%d" % number + after + b"\n")
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path / "w.duckdb"), str(path.parents[1])],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded, peak = map(int, done.stdout.split())
    assert loaded == rows
    assert peak < PEAK_BYTES


def test_many_small_loads_leave_few_row_groups(
    duckdb_loads: Any, spend_log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row groups are not merged at each checkpoint, but when a table has too many of them."""
    monkeypatch.setattr(target, "SPARE_ROW_GROUPS", 4)
    duckdb_loads.warehouse.execute("set max_vacuum_tasks = 0")
    found = []
    for number in range(8):
        duckdb_loads.write_lines(f"litellm/{number}.jsonl", [spend_log(number)])
        duckdb_loads.load()
        found.append(row_groups(duckdb_loads.warehouse))
    assert max(found) > 2
    assert max(found) <= 5
    assert len(duckdb_loads.rows("litellm_spend_logs")) == 8


def row_groups(warehouse: Any) -> int:
    """Row groups of the spend logs, as they are on disk."""
    warehouse.execute("checkpoint")
    return warehouse.scalar(
        "select count(distinct row_group_id) from pragma_storage_info(?)",
        [f'"{warehouse.raw_schema}"."litellm_spend_logs"'],
    )
