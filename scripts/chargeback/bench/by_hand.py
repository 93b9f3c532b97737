"""Runs by_hand.sql: `python -m chargeback.bench.by_hand RAW SEEDS OUT THREADS`.

Writes the two tables to the DuckDB file OUT, and prints the steps that took more than 20 ms as
JSON: name, wall and CPU seconds.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from pathlib import Path

import duckdb

from chargeback.load.privacy import literal

SCRIPT = Path(__file__).with_name("by_hand.sql")
_NAME = re.compile(
    r"^(create (?:temp )?(?:table|macro|view) \w+|insert into \w+|delete from \w+|set \w+)", re.M
)
_SHOWN_SECONDS = 0.02


def run(raw: Path, seeds: Path, out: Path, threads: int) -> list[dict[str, object]]:
    """Write the tables, replacing the file `out`; returns the steps that took time."""
    out.unlink(missing_ok=True)
    steps: list[dict[str, object]] = []
    with duckdb.connect(str(out)) as connection:
        connection.execute(f"set threads = {threads}")
        connection.execute(f"set variable raw = {literal(str(raw))}")
        connection.execute(f"set variable seeds = {literal(str(seeds))}")
        for statement in connection.extract_statements(SCRIPT.read_text(encoding="utf-8")):
            wall, cpu = time.perf_counter(), _cpu()
            connection.execute(statement)
            wall, cpu = time.perf_counter() - wall, _cpu() - cpu
            named = _NAME.search(statement.query)
            if named and max(wall, cpu) > _SHOWN_SECONDS:
                steps.append({"step": named[1], "wall_s": round(wall, 2), "cpu_s": round(cpu, 2)})
    return steps


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    _raw, _seeds, _out, _threads = sys.argv[1:]
    print(json.dumps(run(Path(_raw), Path(_seeds), Path(_out), int(_threads))))
