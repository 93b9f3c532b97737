"""The connection: both engines' small differences, locks, and missing files."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import duckdb
import pytest

from chargeback.errors import ChargebackError
from chargeback.project import Project
from chargeback.warehouse import _to_pyformat, open_warehouse


def test_query_gives_rows_and_columns(small_project: Project) -> None:
    with open_warehouse(small_project) as warehouse:
        warehouse.execute("create table t (id integer, amount numeric(38, 15))")
        warehouse.execute("insert into t values (?, ?)", [1, Decimal("0.000000000000001")])
        rows = warehouse.query("select id, amount from t where id = ?", [1])
        assert rows == [(1, Decimal("0.000000000000001"))]
        assert warehouse.columns == ["id", "amount"]
        assert warehouse.scalar("select max(id) from t where id > 5") is None
        assert list(warehouse.relation_columns("main", "t")) == ["id", "amount"]
        assert not warehouse.has_relation("main", "nothing")


def test_transaction_is_all_or_nothing(small_project: Project) -> None:
    with open_warehouse(small_project) as warehouse:
        warehouse.execute("create table t (id integer)")
        with pytest.raises(ZeroDivisionError), warehouse.transaction():
            warehouse.execute("insert into t values (1)")
            raise ZeroDivisionError
        assert warehouse.scalar("select count(*) from t") == 0
        with warehouse.transaction():
            warehouse.execute("insert into t values (1)")
        assert warehouse.scalar("select count(*) from t") == 1


def test_session_is_in_utc(small_project: Project) -> None:
    with open_warehouse(small_project) as warehouse:
        assert warehouse.scalar("select current_setting('TimeZone')") == "UTC"


def test_read_only_needs_a_warehouse(small_project: Project) -> None:
    with pytest.raises(ChargebackError, match="no warehouse at"):
        open_warehouse(small_project, read_only=True)
    open_warehouse(small_project).close()
    with open_warehouse(small_project, read_only=True) as warehouse, pytest.raises(duckdb.Error):
        warehouse.execute("create table t (id integer)")


def test_a_file_that_is_no_warehouse(small_project: Project) -> None:
    small_project.duckdb_path.parent.mkdir()
    small_project.duckdb_path.write_bytes(b"no database " * 1000)
    with pytest.raises(ChargebackError, match="cannot open"):
        open_warehouse(small_project)


def test_a_file_that_is_called_like_the_raw_schema(small_project: Project) -> None:
    profiles = small_project.root / "profiles.yml"
    text = profiles.read_text(encoding="utf-8")
    profiles.write_text(text.replace("small.duckdb", "Raw.duckdb"), encoding="utf-8")
    project = Project.find(small_project.root)
    with pytest.raises(ChargebackError, match=r"Raw\.duckdb.*schema raw.*another name"):
        open_warehouse(project)
    assert not project.duckdb_path.exists()
    settings = small_project.root / "dbt_project.yml"
    settings.write_text(
        settings.read_text(encoding="utf-8")
        + "vars:\n  llm_chargeback:\n    raw_schema: landing\n",
        encoding="utf-8",
    )
    open_warehouse(Project.find(small_project.root)).close()


def test_a_file_that_was_renamed(small_project: Project) -> None:
    path = small_project.duckdb_path
    with open_warehouse(small_project) as warehouse:
        warehouse.execute("create table small.main.t as select 1 as id")
        warehouse.execute("create view v as select id from small.main.t")
        assert warehouse.scalar("select id from v") == 1
    path.rename(path.with_name("copy.duckdb"))
    profiles = small_project.root / "profiles.yml"
    text = profiles.read_text(encoding="utf-8")
    profiles.write_text(text.replace("small.duckdb", "copy.duckdb"), encoding="utf-8")
    with open_warehouse(Project.find(small_project.root)) as warehouse:
        assert warehouse.scalar("select id from t") == 1
        with pytest.raises(ChargebackError, match=r"copy\.duckdb was built as small\.duckdb"):
            warehouse.scalar("select id from v")


def test_a_locked_file_names_the_writer(small_project: Project) -> None:
    holder = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    )
    open_warehouse(small_project).close()
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(small_project.duckdb_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        message = f"another process is writing .*process {process.pid}"
        with pytest.raises(ChargebackError, match=message):
            open_warehouse(small_project)
        process.communicate("\n")


def test_unknown_engine(small_project: Project) -> None:
    path = small_project.root / "profiles.yml"
    path.write_text(path.read_text().replace("type: duckdb", "type: snowflake"))
    with pytest.raises(ChargebackError, match="only duckdb and postgres"):
        open_warehouse(Project.find())


def test_unreachable_server(small_project: Project) -> None:
    path = small_project.root / "profiles.yml"
    server = "type: postgres\n      host: 127.0.0.1\n      port: 1\n      user: u\n      dbname: d"
    path.write_text(path.read_text().replace("type: duckdb", server))
    with pytest.raises(
        ChargebackError, match=r"cannot connect to PostgreSQL at u@127\.0\.0\.1:1/d"
    ):
        open_warehouse(Project.find())


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select ?", "select %s"),
        ("select '?', \"a?\", ?", "select '?', \"a?\", %s"),
        ("select 'it''s ?' -- why?\n, ?", "select 'it''s ?' -- why?\n, %s"),
        ("select 'a%' like ?", "select 'a%%' like %s"),
    ],
)
def test_placeholders_for_postgres(sql: str, expected: str) -> None:
    assert _to_pyformat(sql) == expected
