"""`chargeback build`: dbt build, with a full refresh when the rules changed since the last one."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import typer
from rich.console import Console

from chargeback.dbt import DbtResult, print_problems, run_dbt
from chargeback.errors import ChargebackError
from chargeback.packages import install_packages
from chargeback.project import Project
from chargeback.warehouse import POSTGRES, Warehouse, open_warehouse

# What decides how an event is read, priced and attributed. Tests only decide what is checked.
RULE_PATHS = ("seeds", "models", "macros", "dbt_project.yml")
CHECK_PATHS = ("tests", "packages.yml")
TABLES = ("config.materialized:incremental", "config.materialized:table")
"""What new logs change on any engine, as dbt selects it."""
_VIEWS = ("config.materialized:view",)
_NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
_EXCLUDED = "DBT_EXCLUDE_RESOURCE_TYPES"
"""dbt's own variable; an option would win over it."""
_IGNORED_SUFFIXES = (".md", ".pyc")
_VARS_KEY = "--vars"
_WAREHOUSE_KEY = "the set of raw tables"
_DIRECTORY_KEY = "the directory of teams, keys and users"


def build(
    target: str = typer.Option(
        None, "--target", "-t", help="dbt target; default as in profiles.yml."
    ),
    full_refresh: bool = typer.Option(False, "--full-refresh", help="Rebuild every event."),
    force: bool = typer.Option(False, "--force", help="Run dbt even if nothing changed."),
    select: str = typer.Option(
        None, "--select", "-s", help="dbt selection, such as +fct_usage_events."
    ),
    variables: str = typer.Option(None, "--vars", help="dbt vars as YAML."),
    unit_tests: bool = typer.Option(
        False, "--unit-tests", help="Run dbt's unit tests too: they test the SQL, not your data."
    ),
) -> None:
    """Run dbt build, if logs were loaded or files changed since the last one.

    A changed seed, model or macro rates every event again, and so does a new file of the directory
    or of the gateway's teams, keys and users.
    """
    console = Console(highlight=False, soft_wrap=True)
    project = Project.find(target=target)
    result = run_build(project, console, full_refresh, force, select, variables, unit_tests)
    if result is not None and result.exit_code:
        raise ChargebackError("dbt build failed: see above, and logs/dbt.log")


@dataclass(frozen=True)
class LastBuild:
    """What the warehouse says about its last complete build."""

    built_at: datetime
    load_marker: str
    files: dict[str, str]


def run_build(
    project: Project,
    console: Console,
    full_refresh: bool = False,
    force: bool = False,
    select: str | None = None,
    variables: str | None = None,
    unit_tests: bool = False,
    exclude: str | None = None,
) -> DbtResult | None:
    """Build the target; returns None when nothing changed since the last build.

    A build that succeeds is recorded in the warehouse (schema `<schema>_meta`, table `builds`),
    unless it was a selection.
    """
    installed = install_packages(project)
    if installed.is_new:
        console.print(installed.line, markup=False)
    files = file_hashes(project.root, (*RULE_PATHS, *CHECK_PATHS))
    files[_VARS_KEY] = _hash(variables or "")
    with open_warehouse(project) as warehouse:
        engine = warehouse.engine
        last = read_last_build(warehouse)
        marker = load_marker(warehouse)
        is_known = last is not None or not _has_marts(warehouse)
        files[_WAREHOUSE_KEY] = _hash(*_raw_tables(warehouse))
        files[_DIRECTORY_KEY] = _hash(_last_directory_load(warehouse))
    changed = changed_files(last.files, files) if last else []
    rules_changed = [name for name in changed if not is_check(name)]
    is_same = last is not None and not changed
    is_fresh = is_same and last.load_marker == marker
    is_asked = force or full_refresh or bool(select) or unit_tests
    if is_fresh and not is_asked:
        console.print(
            f"nothing changed since the build of {last.built_at:%Y-%m-%d %H:%M} UTC: dbt not run "
            "(`chargeback build --force` runs it)"
        )
        return None
    if not full_refresh and not select:
        full_refresh = bool(rules_changed) or not is_known
        if rules_changed:
            console.print(f"full refresh: {_name_some(rules_changed)} changed since the last build")
        elif not is_known:
            console.print("full refresh: it is not known which rules the last build used")
    arguments = [
        *(["--full-refresh"] if full_refresh else []),
        *(["--select", *select.split()] if select else []),
        *(["--exclude", *exclude.split()] if exclude else []),
        *(_changing(engine) if is_same and not is_asked else []),
        *(() if unit_tests or os.environ.get(_EXCLUDED) else _NO_UNIT_TESTS),
        *(["--vars", variables] if variables else []),
    ]
    result = run_dbt(project, "build", arguments, console)
    print_problems(result, console)
    console.print(f"dbt build: {result.summary()} in {result.seconds:.0f} s", markup=False)
    if not result.exit_code and not select:
        with open_warehouse(project) as warehouse:
            record_build(warehouse, marker, files, full_refresh, result.seconds)
    return result


def _changing(engine: str) -> list[str]:
    """What new logs change under the same rules: no seeds.

    PostgreSQL drops the views of a table that is replaced; DuckDB's views stay as they are.
    """
    views = _VIEWS if engine == POSTGRES else ()
    return ["--select", *TABLES, *views, "resource_type:test"]


def file_hashes(root: Path, names: tuple[str, ...]) -> dict[str, str]:
    """SHA-256 of every file under these paths, by path relative to `root`."""
    hashes = {}
    for name in names:
        path = root / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix not in _IGNORED_SUFFIXES and file.name[0] != ".":
                content = file.read_bytes()
                hashes[file.relative_to(root).as_posix()] = hashlib.sha256(content).hexdigest()
    return hashes


def is_check(name: str) -> bool:
    """Whether a file only decides what is checked or said: a change needs no full refresh."""
    return name.startswith(CHECK_PATHS) or name.endswith(("__unit_tests.yml", "__models.yml"))


def changed_files(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Names that were added, removed or altered, in order."""
    names = before.keys() | after.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))


def load_marker(warehouse: Warehouse) -> str:
    """Changes with every load."""
    if not warehouse.has_relation(warehouse.raw_schema, "loads"):
        return "none"
    [(loads, last)] = warehouse.query(
        f'select count(*), max(load_id) from "{warehouse.raw_schema}".loads'
    )
    return f"{loads} {last}"


def read_last_build(warehouse: Warehouse) -> LastBuild | None:
    """The last recorded build, or None."""
    if not warehouse.has_relation(_meta_schema(warehouse), "builds"):
        return None
    rows = warehouse.query(
        f'select built_at, load_marker, files from "{_meta_schema(warehouse)}".builds '
        "order by built_at desc limit 1"
    )
    return LastBuild(rows[0][0], rows[0][1], json.loads(rows[0][2])) if rows else None


def record_build(
    warehouse: Warehouse,
    marker: str,
    files: dict[str, str],
    full_refresh: bool,
    seconds: float,
) -> None:
    """Append a row to `builds`; the files' hashes are kept for the last build only."""
    table = f'"{_meta_schema(warehouse)}".builds'
    with warehouse.transaction():
        warehouse.execute(f'create schema if not exists "{_meta_schema(warehouse)}"')
        warehouse.execute(
            f"create table if not exists {table} (built_at timestamp not null, "
            "load_marker text not null, is_full_refresh boolean not null, "
            "duration_ms bigint not null, dbt_version text not null, files text)"
        )
        warehouse.execute(f"update {table} set files = null")
        warehouse.execute(
            f"insert into {table} values (?, ?, ?, ?, ?, ?)",
            [
                datetime.now(UTC).replace(tzinfo=None),
                marker,
                full_refresh,
                round(seconds * 1000),
                version("dbt-core"),
                json.dumps(files),
            ],
        )


def _hash(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _raw_tables(warehouse: Warehouse) -> list[str]:
    """Names with their database: a model of a table that is missing is built without it."""
    rows = warehouse.query(
        "select current_database() || '.' || table_name from information_schema.tables "
        "where table_schema = ? and table_catalog = current_database() order by 1",
        [warehouse.raw_schema],
    )
    return [name for (name,) in rows]


def _last_directory_load(warehouse: Warehouse) -> str:
    """Owners are looked up when an event is read, so another directory means reading it again."""
    if not warehouse.has_relation(warehouse.raw_schema, "loads"):
        return ""
    columns = warehouse.relation_columns(warehouse.raw_schema, "loads")
    if not {"table_name", "loaded_count"} <= columns.keys():
        return ""
    last = warehouse.scalar(
        f'select max(load_id) from "{warehouse.raw_schema}".loads where loaded_count > 0 and '
        "(table_name like 'directory%' "
        "or table_name in ('litellm_teams', 'litellm_keys', 'litellm_users'))"
    )
    return str(last)


def _meta_schema(warehouse: Warehouse) -> str:
    return f"{warehouse.schema}_meta"


def _has_marts(warehouse: Warehouse) -> bool:
    where = "" if warehouse.engine == POSTGRES else " and table_catalog = current_database()"
    count = warehouse.scalar(
        f"select count(*) from information_schema.tables where table_schema = ?{where}",
        [warehouse.schema],
    )
    return bool(count)


def _name_some(names: list[str], shown: int = 3) -> str:
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")
