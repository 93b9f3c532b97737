"""A large file is read in fixed memory, though all of it is one transaction."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FILE_BYTES = 400_000_000
PEAK_BYTES = 900_000_000
LOAD = """
import resource, sys
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
print(result.loaded_count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
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
