"""The page on raw formats tells the truth: its examples load, its lists are the code's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from chargeback.load.privacy import (
    KEPT_ATTRIBUTES,
    LITELLM_METADATA,
    LITELLM_METADATA_OBJECTS,
    LITELLM_METADATA_PARTS,
)
from chargeback.load.rejects import REASON_CODES
from chargeback.load.tables import LOADS, REJECTS, TABLES, Table

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "raw-formats.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (\w+): ([^>]*?) -->\n```\w+\n(.*?)```", re.DOTALL)
BLOCKS = BLOCK.findall(TEXT)
FILES = {name: body for kind, name, body in BLOCKS if kind == "file"}
RUNS = {name: body for kind, name, body in BLOCKS if kind == "run"}


def section(name: str) -> str:
    """The text below the heading of a table."""
    return re.split(rf"^### {name}$", TEXT, flags=re.MULTILINE)[1].split("\n## ")[0]


def documented(name: str) -> list[tuple[str, str]]:
    """Columns and types in the first table of a section."""
    lines = section(name).split("\n### ")[0]
    return re.findall(r"^\| `(\w+)` \| ([\w(),]+) \|", lines, flags=re.MULTILINE)


def test_every_example_loads(loads: Any) -> None:
    for name, body in FILES.items():
        loads.write(name, body)
    report = loads.load()
    assert {result.file.name for result in report.results} == set(FILES)
    assert loads.rejects() == []
    assert all(result.loaded_count for result in report.results)
    assert {result.table_name for result in report.results} == {table.name for table in TABLES}
    log = loads.rows("litellm_spend_logs", "user_id, spend, input_characters, start_time")[0]
    assert (log[0], str(log[1]).rstrip("0"), log[2]) == ("usr-0001", "0.0042615", 22)
    assert loads.json("litellm_spend_logs", "metadata")[0]["spend_logs_metadata"] == {
        "feature": "help-centre-rag"
    }
    assert "Counted" not in str(loads.rows("otel_spans")) + str(loads.rows("litellm_spend_logs"))
    assert loads.rows("litellm_users", "user_email") == [(None,)]
    loads.balance()


def test_examples_speak_of_one_request(duckdb_loads: Any) -> None:
    """Spans, queries and the outcome of the examples are of one trace, the key of one team."""
    for name, body in FILES.items():
        duckdb_loads.write(name, body)
    duckdb_loads.load()
    traces = {
        table: {row[0] for row in duckdb_loads.rows(table, "trace_id") if row[0]}
        for table in ("otel_spans", "retrieval_queries", "business_outcomes")
    }
    assert len(set.union(*traces.values())) == 1
    keys = duckdb_loads.rows("litellm_spend_logs", "api_key")
    assert keys == duckdb_loads.rows("directory_api_keys", "api_key")
    assert keys == duckdb_loads.rows("litellm_keys", "token")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns(table: Table) -> None:
    assert documented(table.name) == [(column.name, column.type) for column in table.columns]
    text = section(table.name).split("\n### ")[0]
    for column in table.columns:
        for name in column.file_names:
            assert f"`{name}`" in text or name in text


@pytest.mark.parametrize(("name", "columns"), [("loads", LOADS), ("rejects", REJECTS)])
def test_columns_of_the_loader(name: str, columns: tuple[tuple[str, str], ...]) -> None:
    assert documented(name) == [(column, type_.split()[0]) for column, type_ in columns]


def test_lists() -> None:
    kept = re.search(r"```text\n(.*?)```", TEXT, re.DOTALL)
    assert kept and tuple(kept[1].split()) == KEPT_ATTRIBUTES
    codes = re.findall(r"^\| `(\w+)` \| ([A-Z].*) \|$", section("rejects"), flags=re.MULTILINE)
    assert dict(codes) == REASON_CODES
    parts = [part for keys in LITELLM_METADATA_PARTS.values() for part in keys]
    for key in (*LITELLM_METADATA, *LITELLM_METADATA_OBJECTS, *LITELLM_METADATA_PARTS, *parts):
        assert f"`{key}`" in section("litellm_spend_logs")


def test_collector_settings() -> None:
    [body] = [body for kind, _, body in BLOCKS if kind == "yaml"]
    settings = yaml.safe_load(body)
    [exporter] = settings["exporters"]
    assert settings["exporters"][exporter]["format"] == "json"
    assert settings["service"]["pipelines"]["traces/chargeback"]["exporters"] == [exporter]


LITELLM_TABLES = """
create table "LiteLLM_SpendLogs" (
    request_id text, call_type text, api_key text, spend double precision, total_tokens integer,
    prompt_tokens integer, completion_tokens integer, "startTime" timestamp(3),
    "endTime" timestamp(3), "completionStartTime" timestamp(3), model text, model_id text,
    model_group text, custom_llm_provider text, "user" text, metadata jsonb, cache_hit text,
    request_tags jsonb, team_id text, end_user text, session_id text, status text,
    request_duration_ms integer, messages jsonb, response jsonb
);
create table "LiteLLM_TeamTable" (team_id text, team_alias text, metadata jsonb, models text[]);
create table "LiteLLM_VerificationToken" (token text, key_name text, key_alias text);
create table "LiteLLM_UserTable" (user_id text, user_email text, teams text[], metadata jsonb);
insert into "LiteLLM_SpendLogs" values (
    'chatcmpl-1', 'acompletion', 'k', 1e-7, 12, 10, 2, '2026-11-21 09:42:23.572',
    '2026-11-21 09:42:24', null, 'openai/gpt-4.1', '', '', '', 'usr-1',
    '{"spend_logs_metadata": {"note": "a \\"quoted\\" \\\\ one"}}', 'False',
    '["team:search", "odd, \\"tag\\""]', 't-1', '', 's', 'success', 5, '{}', '{}'
);
insert into "LiteLLM_TeamTable" values ('t-1', 'search', '{"owner": "a"}', '{"a","b"}');
insert into "LiteLLM_VerificationToken" values ('k', 'sk-...abcd', 'search-prod');
insert into "LiteLLM_UserTable" values ('usr-1', 'a@example.com', '{"t-1"}', '{}');
"""


@pytest.fixture
def litellm_database() -> Iterator[dict[str, str]]:
    """LiteLLM's tables with a row each; the environment of a shell that exports them."""
    psql = shutil.which("psql") or next(Path("/usr/lib/postgresql").glob("*/bin/psql"), None)
    if not os.environ.get("CHARGEBACK_PG_HOST") or psql is None:
        pytest.skip("no PostgreSQL: CHARGEBACK_PG_HOST is not set, or there is no psql")
    host, port = os.environ["CHARGEBACK_PG_HOST"], os.environ.get("CHARGEBACK_PG_PORT", "5432")
    user = os.environ.get("CHARGEBACK_PG_USER", "chargeback")
    name = os.environ.get("CHARGEBACK_PG_DBNAME", "postgres")
    password = os.environ.get("CHARGEBACK_PG_PASSWORD", "")
    schema = f"litellm_{os.getpid()}"
    url = f"postgresql://{user}@{host}:{port}/{name}?options=-csearch_path%3D{schema}"
    path = os.pathsep.join([str(Path(sys.executable).parent), str(Path(psql).parent)])
    with psycopg.connect(url, password=password or None, autocommit=True) as connection:
        connection.execute(f"create schema {schema}")
        try:
            connection.execute(LITELLM_TABLES)
            yield {
                "LITELLM_DATABASE_URL": url,
                "PGPASSWORD": password,
                "PATH": path + os.pathsep + os.environ["PATH"],
            }
        finally:
            connection.execute(f"drop schema {schema} cascade")


@pytest.mark.parametrize("names", RUNS)
def test_export_from_litellm(
    duckdb_loads: Any, litellm_database: dict[str, str], names: str
) -> None:
    root = duckdb_loads.raw.parent / "project"
    folder = root / "data" / "raw"
    (folder / "litellm").mkdir(parents=True)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", RUNS[names]],
        cwd=root,
        env=litellm_database,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    duckdb_loads.raw = folder
    report = duckdb_loads.load()
    assert {result.file.name for result in report.results} == set(names.split())
    assert duckdb_loads.rejects() == []
    columns = "request_id, spend::varchar, prompt_tokens, start_time::varchar"
    assert duckdb_loads.rows("litellm_spend_logs", columns) == [
        ("chatcmpl-1", "0.000000100000000", 10, "2026-11-21 09:42:23.572")
    ]
    [metadata] = duckdb_loads.json("litellm_spend_logs", "metadata")
    assert metadata == {"spend_logs_metadata": {"note": 'a "quoted" \\ one'}}
    [tags] = duckdb_loads.json("litellm_spend_logs", "request_tags")
    assert tags == ["team:search", 'odd, "tag"']
    if "litellm/users.csv" in names:
        assert duckdb_loads.json("litellm_users", "teams") == [["t-1"]]
        assert duckdb_loads.rows("litellm_teams", "team_alias") == [("search",)]
        assert duckdb_loads.rows("litellm_keys", "key_alias") == [("search-prod",)]
