"""Writes all files of a plan, a few days at a time, on several processors when it pays."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from chargeback.errors import ChargebackError
from chargeback.sample.calls import Roster, draw_calls, settle
from chargeback.sample.company import build_company
from chargeback.sample.gateway import UNIQUE_COLUMNS, Ids, draw_ids, render
from chargeback.sample.gateway_text import GatewayText
from chargeback.sample.invoices import write_invoices
from chargeback.sample.manifest import MANIFEST, sample_files
from chargeback.sample.outcomes import COLUMNS as OUTCOME_COLUMNS
from chargeback.sample.outcomes import draw_outcomes
from chargeback.sample.plan import DayPlan, Plan, random_for
from chargeback.sample.prices import PriceList
from chargeback.sample.retrieval import draw_retrievals
from chargeback.sample.spoil import bad_rows, write_reexport
from chargeback.sample.tables import write_csv, write_tables
from chargeback.sample.traces import draw_traces, mirrored_calls

CHUNK_ROWS = 20_000
"""Rows rendered at once: small enough for the memory to be used again."""
GROUP_ROWS = 120_000
BATCH_ROWS = 300_000
PARALLEL_FROM = 400_000
_GATEWAY, _TRACES, _RETRIEVAL, _OUTCOMES = range(4)


@dataclass
class Counts:
    """What was written: rows by source, USD by provider and month, and the files."""

    spend_logs: int = 0
    reexported: int = 0
    spans: int = 0
    traced_calls: int = 0
    mirrored_calls: int = 0
    retrievals: int = 0
    outcomes: int = 0
    usd: dict[tuple[str, str], float] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Add what another part of the run wrote."""
        for name in ("spend_logs", "reexported", "spans", "traced_calls", "mirrored_calls",
                     "retrievals", "outcomes"):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for key, amount in other.usd.items():
            self.usd[key] = self.usd.get(key, 0.0) + amount
        self.files += other.files

    def spend(self, provider: str, month: str, amount: float) -> None:
        """Add list cost in USD."""
        self.usd[provider, month] = self.usd.get((provider, month), 0.0) + amount


def generate(
    plan: Plan,
    root: Path,
    out: Path,
    force: bool = False,
    workers: int | None = None,
    on_file: Callable[[int, int], None] | None = None,
) -> Counts:
    """Write the plan's files under `out`; `on_file` hears files done and files in all.

    Existing files stop it unless `force`, which first removes what an earlier run wrote. Raises
    ChargebackError for that, and for folders that cannot be written.
    """
    company = build_company(root, plan.seed)
    parts = plan.files()
    try:
        _make_room(plan, parts, out, force)
        if workers is None:
            rows = sum(day.gateway_rows for day in plan.days)
            workers = min(os.cpu_count() or 1, 4) if rows >= PARALLEL_FROM else 1
        total = Counts()
        results = _run(plan, root, out, parts, workers, on_file)
        for name, _ in parts:
            total.add(results[name])
        tables = write_tables(company, out)
        invoices = write_invoices(company, plan, total.usd, out) if plan.is_whole else []
        total.files += [str(path.relative_to(out)) for path in (*tables, *invoices)]
        _remember(plan, out, total)
    except OSError as error:
        raise ChargebackError(f"cannot write {error.filename or out}: {error.strerror}") from error
    return total


def _run(plan, root, out, parts, workers, on_file) -> dict[str, Counts]:
    results: dict[str, Counts] = {}

    def done(name: str, counts: Counts) -> None:
        results[name] = counts
        if on_file:
            on_file(len(results), len(parts))

    if workers <= 1 or len(parts) == 1:
        job = _Job(plan.seed, root, out)
        for name, days in parts:
            done(name, job.write(name, days))
        return results
    context = multiprocessing.get_context("spawn")
    setup = (plan.seed, root, out)
    with ProcessPoolExecutor(workers, context, _start_worker, setup) as pool:
        futures = {pool.submit(_work, name, days): name for name, days in parts}
        for future in as_completed(futures):
            done(futures[future], future.result())
    return results


_job: _Job | None = None


def _start_worker(seed: int, root: Path, out: Path) -> None:
    global _job  # noqa: PLW0603 - one per worker process, made when it starts
    pa.set_cpu_count(1)
    _job = _Job(seed, root, out)


def _work(name: str, days: list[DayPlan]) -> Counts:
    assert _job is not None
    return _job.write(name, days)


class _Job:
    """Writes the files of one part of the plan: a day or a month."""

    def __init__(self, seed: int, root: Path, out: Path):
        self.seed, self.out = seed, out
        self.roster = Roster(build_company(root, seed))
        self.text = GatewayText(self.roster)
        self.prices = PriceList.read(root / "seeds" / "reference" / "price_book.csv")

    def write(self, name: str, days: list[DayPlan]) -> Counts:
        counts = Counts()
        outcomes: list[list[str]] = []
        paths = _part_files(self.out, name)
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
        spend_logs, spans, retrievals, outcome_file = paths
        with ExitStack() as stack:
            gateway = stack.enter_context(_Parquet(spend_logs, UNIQUE_COLUMNS))
            queries = stack.enter_context(_Parquet(retrievals, ("query_id",)))
            lines = stack.enter_context(spans.open("w", encoding="utf-8", newline="\n"))
            for item in days:
                month = f"{item.day:%Y-%m}"
                rates = self.prices.on(item.day)
                self.text.on(item.day)
                rng = random_for(self.seed, item.day, _TRACES)
                traces = draw_traces(rng, self.roster, item.day, item.traces, rates)
                lines.writelines(line + "\n" for line in traces.lines)
                for provider, usd in traces.usd.items():
                    counts.spend(provider, month, usd)
                counts.spans += traces.span_count
                counts.traced_calls += traces.call_count
                counts.mirrored_calls += len(traces.mirrored)
                self._gateway(item, rates, traces, gateway, counts)
                rng = random_for(self.seed, item.day, _RETRIEVAL)
                table, usd = draw_retrievals(
                    rng, self.roster, item.day, item.retrievals, traces.links
                )
                counts.spend("pinecone", month, usd)
                queries.write(table)
                counts.retrievals += len(table)
                rng = random_for(self.seed, item.day, _OUTCOMES)
                outcomes += draw_outcomes(rng, self.roster, item.day, item.outcomes, traces.links)
        write_csv(outcome_file, list(OUTCOME_COLUMNS), outcomes)
        counts.outcomes += len(outcomes)
        counts.files += [str(path.relative_to(self.out)) for path in paths]
        return counts

    def _gateway(self, item: DayPlan, rates, traces, file: _Parquet, counts: Counts) -> None:
        rng = random_for(self.seed, item.day, _GATEWAY)
        month, left, batch = f"{item.day:%Y-%m}", item.gateway_rows, 0
        while left > 0:
            rows = min(left, BATCH_ROWS)
            calls = draw_calls(rng, self.roster, item.day, rows, item.is_first, batch)
            mirrored = mirrored_calls(rng, self.roster, traces) if batch == 0 else None
            if mirrored is not None:
                calls = calls.followed_by(mirrored)
            calls = settle(rng, self.roster, calls)
            ids = draw_ids(rng, calls, traces.mirrored_ids if mirrored is not None else [])
            for first in range(0, len(calls), CHUNK_ROWS):
                window = slice(first, first + CHUNK_ROWS)
                some = Ids(ids.request[window], ids.call[window])
                table, usd = render(self.text, calls.take(window), some, rates)
                for provider, amount in usd.items():
                    counts.spend(provider, month, amount)
                if item.is_reexport and batch == 0 and first == 0:
                    table = bad_rows(table)
                    counts.reexported += write_reexport(table, item.day, self.out, counts.files)
                file.write(table)
                counts.spend_logs += len(table)
            left, batch = left - rows, batch + 1


def _part_files(out: Path, name: str) -> list[Path]:
    return [
        out / "litellm" / "spend_logs" / f"{name}.parquet",
        out / "otel" / f"traces-{name}.jsonl",
        out / "retrieval" / f"queries-{name}.parquet",
        out / "business" / f"outcomes-{name}.csv",
    ]


class _Parquet:
    """A Parquet file written in row groups of about `GROUP_ROWS` rows."""

    def __init__(self, path: Path, unique: tuple[str, ...]):
        self.path, self.unique = path, unique
        self.writer: pq.ParquetWriter | None = None
        self.waiting: list[pa.Table] = []

    def __enter__(self) -> _Parquet:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._flush()
        if self.writer:
            self.writer.close()

    def write(self, table: pa.Table) -> None:
        self.waiting.append(table)
        if sum(len(item) for item in self.waiting) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self.waiting:
            return
        table = pa.concat_tables(self.waiting).unify_dictionaries()
        self.waiting = []
        if self.writer is None:
            self.writer = pq.ParquetWriter(
                self.path,
                table.schema,
                compression="zstd",
                compression_level=1,
                store_schema=False,
                use_dictionary=[name for name in table.column_names if name not in self.unique],
            )
        self.writer.write_table(table, row_group_size=max(len(table), 1))


def _make_room(plan: Plan, parts: list[tuple[str, list[DayPlan]]], out: Path, force: bool) -> None:
    """Remove an earlier run's files, or refuse to."""
    written = sample_files(out) if plan.is_whole else []
    planned = [path for name, _ in parts for path in _part_files(out, name)]
    existing = [path for path in [*written, *planned] if path.exists()]
    if existing and not force:
        raise ChargebackError(
            f"{existing[0]} is there already: --force replaces what an earlier run wrote, "
            "--out writes to another folder"
        )
    for path in existing:
        path.unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)


def _remember(plan: Plan, out: Path, counts: Counts) -> None:
    files = sorted(set(counts.files))
    if not plan.is_whole:
        folder = out.resolve()
        earlier = [str(path.relative_to(folder)) for path in sample_files(out)]
        files = sorted({*files, *earlier})
    content = {
        "about": "Files that `chargeback sample` wrote here; --force removes them.",
        "first_day": plan.first.isoformat(),
        "last_day": plan.last.isoformat(),
        "seed": plan.seed,
        "files": files,
    }
    (out / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
