"""One run: make logs, load and build them, run the script, add days, and compare."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import yaml

from chargeback import build
from chargeback.bench import by_hand, logs
from chargeback.bench.measure import Usage, measure
from chargeback.bench.same import Difference, compare
from chargeback.dbt import dbt_command, dbt_environment
from chargeback.errors import ChargebackError
from chargeback.packages import install_packages
from chargeback.project import Project

SELECTED = ("+fct_usage_events", "+fct_team_daily_costs")
"""The two tables that the script writes too, with what they need."""

_SCHEMA = "chargeback"
_SLOWEST = 8

Say = Callable[[str], None]
Done = Callable[[str, Usage], None]


@dataclass(frozen=True)
class Options:
    """`more_days` are added one by one after the first build; `threads` are DuckDB's and dbt's."""

    more_days: int = 1
    threads: int = 2
    with_tests: bool = True


@dataclass
class AddedDay:
    """What one more day of logs took."""

    day: str
    event_count: int
    load: Usage
    run: Usage
    test: Usage | None


@dataclass
class Result:
    """One size. Event counts are rows of fct_usage_events; times as in `Usage`."""

    event_count: int = 0
    raw_bytes: int = 0
    warehouse_bytes: int = 0
    steps: dict[str, Usage] = field(default_factory=dict)
    days: list[AddedDay] = field(default_factory=list)
    models: list[tuple[str, float]] = field(default_factory=list)
    script_steps: list[dict[str, object]] = field(default_factory=list)
    first_differences: list[Difference] = field(default_factory=list)
    last_differences: list[Difference] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether both sides agreed after the first build and after the last day."""
        return all(item.is_same for item in (*self.first_differences, *self.last_differences))


SAMPLE, LOAD, SEED = "sample", "load", "dbt seed"
TABLES, RUN, TEST = "dbt run, both tables", "dbt run, all models", "dbt test"
HAND, AGAIN = "script by hand", "dbt run, nothing new"


def run_bench(
    project: Project, rows: int, folder: Path, options: Options, say: Say, done: Done
) -> Result:
    """Measure one size in an empty folder, telling each step when it begins and when it is done.

    Raises ChargebackError when a step fails.
    """
    bench = _Bench(project, rows, folder, options, say, done)
    return bench.run()


class _Bench:
    def __init__(
        self, project: Project, rows: int, folder: Path, options: Options, say: Say, done: Done
    ):
        self.project, self.rows, self.options = project, rows, options
        self.say, self.done = say, done
        self.folder, self.raw = folder, folder / "raw"
        self.later = folder / "later"
        self.warehouse = folder / "bench.duckdb"
        self.script = folder / "by_hand.duckdb"
        self.target = folder / "target"
        self.result = Result()

    def run(self) -> Result:
        self._make_room()
        install_packages(self.project)
        self._write_profile()
        result, steps = self.result, self.result.steps
        size = logs.sample_size(self.rows, self.options.more_days)
        arguments = ["--events", str(size.events), "--days", str(size.days)]
        arguments += ["--end-date", logs.LAST_DAY.isoformat(), "--out", str(self.raw)]
        steps[SAMPLE] = self._chargeback(SAMPLE, "sample", *arguments)
        later = logs.prepare(self.raw, self.later, self.options.more_days)
        result.raw_bytes = logs.byte_count(self.raw)

        steps[LOAD] = self._chargeback(LOAD, "load")
        steps[SEED] = self._dbt(SEED, "seed")
        steps[TABLES] = self._dbt(TABLES, "run", "--select", *SELECTED)
        steps[HAND] = self._by_hand(HAND)
        steps[RUN] = self._dbt(RUN, "run", "--full-refresh")
        result.models = self._slowest_models()
        if self.options.with_tests:
            steps[TEST] = self._dbt(TEST, "test")
        result.warehouse_bytes = self.warehouse.stat().st_size
        result.script_steps = json.loads(self._log(HAND).read_text(encoding="utf-8"))
        result.first_differences = self._compare(ignore_loads=False)
        result.event_count = result.first_differences[0].row_count

        for file in later:
            self._add_day(file)
        steps[AGAIN] = self._dbt(AGAIN, "run", "--select", *build.TABLES)
        self._by_hand(f"{HAND}, with the new days")
        result.last_differences = self._compare(ignore_loads=True)
        return result

    def _add_day(self, file: Path) -> None:
        shutil.move(file, self.raw / "litellm" / "spend_logs" / file.name)
        name = file.stem
        before = self._event_count()
        load = self._chargeback(f"{LOAD}, {name}", "load")
        # What `chargeback build` runs after a load, without the tests.
        run = self._dbt(f"dbt run, {name}", "run", "--select", *build.TABLES)
        test = self._dbt(f"{TEST}, {name}", "test") if self.options.with_tests else None
        added = self._event_count() - before
        self.result.days.append(AddedDay(name, added, load, run, test))

    # steps --------------------------------------------------------------------------------

    def _chargeback(self, step: str, *arguments: str) -> Usage:
        return self._measure(step, [sys.executable, "-m", "chargeback.cli", *arguments])

    def _dbt(self, step: str, *arguments: str) -> Usage:
        line = ["--no-use-colors", *arguments, "--project-dir", str(self.project.root)]
        return self._measure(step, dbt_command(line))

    def _by_hand(self, step: str) -> Usage:
        seeds = self.project.root / "seeds"
        arguments = [str(self.raw), str(seeds), str(self.script), str(self.options.threads)]
        return self._measure(step, [sys.executable, "-m", by_hand.__name__, *arguments])

    def _measure(self, step: str, command: Sequence[str]) -> Usage:
        self.say(step)
        usage = measure(command, self._log(step), self._environment(), self.project.root)
        self.done(step, usage)
        return usage

    def _log(self, step: str) -> Path:
        return self.folder / "logs" / f"{step.replace(', ', '-').replace(' ', '_')}.log"

    # set-up -------------------------------------------------------------------------------

    def _make_room(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if any(self.folder.iterdir()):
            raise ChargebackError(
                f"{self.folder} is not empty: the bench needs a folder of its own"
            )
        free, needed = shutil.disk_usage(self.folder).free, logs.needed_bytes(self.rows)
        if free < needed:
            raise ChargebackError(
                f"{self.rows:,} events need about {needed / 1e9:.0f} GB in {self.folder}, "
                f"{free / 1e9:.0f} GB are free"
            )

    def _write_profile(self) -> None:
        example = yaml.safe_load(
            (self.project.root / "profiles.example.yml").read_text(encoding="utf-8")
        )
        settings = example["llm_chargeback"]["outputs"]["duckdb"].get("settings", {})
        output = {
            "type": "duckdb",
            "path": str(self.warehouse),
            "schema": _SCHEMA,
            "threads": self.options.threads,
            "settings": {**settings, "threads": self.options.threads},
        }
        name = self.project.settings["profile"]
        profile = {name: {"target": "duckdb", "outputs": {"duckdb": output}}}
        (self.folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        scripts = str(Path(__file__).parents[2])
        environment = dbt_environment(self.project)
        # Settings of this shell must not decide what is measured.
        for name in ("DBT_TARGET", "CHARGEBACK_KEEP_ATTRIBUTES"):
            environment.pop(name, None)
        paths = [scripts, environment.get("PYTHONPATH", "")]
        return environment | {
            "PYTHONPATH": ":".join(path for path in paths if path),
            "CHARGEBACK_RAW_DIR": str(self.raw),
            "DBT_PROFILES_DIR": str(self.folder),
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }

    # results ------------------------------------------------------------------------------

    def _compare(self, ignore_loads: bool) -> list[Difference]:
        self.say("comparing")
        # In a process of its own: a child starts with the largest memory of its parent.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            arguments = (self.warehouse, _SCHEMA, self.script, ignore_loads)
            return pool.submit(compare, *arguments).result()

    def _event_count(self) -> int:
        import duckdb

        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            query = f"select sum(event_count)::bigint from {_SCHEMA}.fct_team_daily_costs"
            return connection.execute(query).fetchone()[0]

    def _slowest_models(self) -> list[tuple[str, float]]:
        """The models of the last dbt run that took longest, with wall seconds."""
        content = json.loads((self.target / "run_results.json").read_text(encoding="utf-8"))
        found = [
            (item["unique_id"].rsplit(".", maxsplit=1)[-1], round(item["execution_time"], 2))
            for item in content["results"]
        ]
        return sorted(found, key=lambda item: -item[1])[:_SLOWEST]
