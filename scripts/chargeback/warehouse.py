"""One small connection for both engines, DuckDB and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from chargeback.errors import ChargebackError
from chargeback.project import Project

DUCKDB = "duckdb"
POSTGRES = "postgres"
_OTHER_FILE = re.compile(r'Catalog "(.+?)" does not exist')
_LOCK_HOLDER = re.compile(r"PID (\d+)")
# A quoted text, a quoted name, a comment, or the placeholder that is replaced.
_PLACEHOLDER = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|\?")


class Warehouse:
    """An open connection. Use it as a context manager, or call `close()`.

    `engine` is 'duckdb' or 'postgres'; `connection` is the engine's own connection for what
    this class does not offer. Session time zone is UTC. Outside `transaction()` every
    statement commits by itself.
    """

    def __init__(self, engine: str, connection: Any, project: Project) -> None:
        self.engine = engine
        self.connection = connection
        self.raw_schema = project.raw_schema
        self.schema = project.schema
        self.project = project
        self.columns: list[str] = []
        """Column names of the last `query`."""

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; twice is harmless."""
        self.connection.close()

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run a statement. Placeholders are `?` on both engines."""
        self._run(sql, params)

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return all rows. Placeholders are `?` on both engines."""
        cursor = self._run(sql, params)
        self.columns = [column[0] for column in cursor.description or ()]
        return cursor.fetchall() if cursor.description else []

    def scalar(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """First column of the first row, or None when there is no row."""
        rows = self.query(sql, params)
        return rows[0][0] if rows else None

    def qualified(self, schema: str) -> str:
        """The quoted schema with its database, to write before a table's name: a DuckDB file and a
        schema in it may have the same name, and then only both together are clear."""
        return f'"{self.database}"."{schema}"'

    @cached_property
    def database(self) -> str:
        """Name of the open database."""
        return self.scalar("select current_database()")

    def has_relation(self, schema: str, name: str) -> bool:
        """Whether a table or view of this name exists."""
        return bool(self.relation_columns(schema, name))

    def relation_columns(self, schema: str, name: str) -> dict[str, str]:
        """Columns of a table or view and their SQL types, in order; empty when there is none."""
        rows = self.query(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = ? and table_name = ? order by ordinal_position",
            [schema, name],
        )
        return dict(rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside succeed together, or none of them."""
        if self.engine == POSTGRES:
            with self.connection.transaction():
                yield
            return
        self.connection.begin()
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def _run(self, sql: str, params: Sequence[Any]) -> Any:
        if self.engine == POSTGRES:
            if not params:
                return self.connection.execute(sql)
            return self.connection.execute(_to_pyformat(sql), list(params))
        try:
            if params:
                return self.connection.execute(sql, list(params))
            return self.connection.execute(sql)
        except Exception as error:
            other = _OTHER_FILE.search(str(error))
            if not other:
                raise
            # DuckDB's views name the file they were made in.
            raise ChargebackError(
                f"{self.project.duckdb_path} was built as {other[1]}.duckdb, and its views still "
                "look for that file: run `chargeback build`, or give it its old name"
            ) from error


def open_warehouse(project: Project, read_only: bool = False) -> Warehouse:
    """Connect to the project's target.

    A DuckDB file (and its folder) is made when missing, unless `read_only`. Raises
    ChargebackError when the file is locked by another process, is not there, is no DuckDB file, or
    when the server does not answer.
    """
    engine = project.profile.get("type")
    if engine == DUCKDB:
        return Warehouse(DUCKDB, _connect_duckdb(project, read_only), project)
    if engine == POSTGRES:
        return Warehouse(POSTGRES, _connect_postgres(project, read_only), project)
    raise ChargebackError(
        f"target {project.target!r} has type {engine!r}: only duckdb and postgres are supported"
    )


def _connect_duckdb(project: Project, read_only: bool) -> Any:
    import duckdb

    path = project.duckdb_path
    in_memory = str(path) == ":memory:"
    if path.stem.lower() == project.raw_schema.lower():
        raise ChargebackError(
            f"{path} has the name of the schema {project.raw_schema}, and DuckDB can't tell a file "
            "from a schema: give the file another name"
        )
    if not in_memory and not path.exists():
        if read_only:
            raise ChargebackError(f"no warehouse at {path} yet: run ./scripts/build first")
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), read_only=read_only and not in_memory)
        connection.execute("set TimeZone = 'UTC'")
        for name, value in (project.profile.get("settings") or {}).items():
            connection.execute(f"set {name} = '{value}'")
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise ChargebackError(f"cannot open {path}: {error}") from error
        holder = _LOCK_HOLDER.search(str(error))
        who = f" (process {holder[1]})" if holder else ""
        raise ChargebackError(
            f"another process is writing {path}{who}: DuckDB allows one writer at a time, "
            "try again when it has finished"
        ) from error
    except duckdb.Error as error:
        raise ChargebackError(f"cannot open {path}: {error}") from error
    return connection


def _connect_postgres(project: Project, read_only: bool) -> Any:
    import psycopg
    from psycopg.sql import SQL, Identifier

    profile = project.profile
    settings = {
        "host": profile.get("host"),
        "port": profile.get("port"),
        "user": profile.get("user"),
        "password": profile.get("password", profile.get("pass")),
        "dbname": profile.get("dbname", profile.get("database")),
        "sslmode": profile.get("sslmode"),
        "connect_timeout": profile.get("connect_timeout", 10),
    }
    options = "-c timezone=UTC" + (" -c default_transaction_read_only=on" if read_only else "")
    try:
        connection = psycopg.connect(
            autocommit=True,
            options=options,
            **{name: value for name, value in settings.items() if value not in (None, "")},
        )
        if profile.get("role"):
            connection.execute(SQL("set role {}").format(Identifier(profile["role"])))
    except psycopg.Error as error:
        where = f"{settings['user']}@{settings['host']}:{settings['port']}/{settings['dbname']}"
        reason = " ".join(str(error).split())
        raise ChargebackError(f"cannot connect to PostgreSQL at {where}: {reason}") from error
    return connection


def _to_pyformat(sql: str) -> str:
    """Turn `?` into `%s` outside quotes and comments, and protect every other `%`."""

    def swap(match: re.Match[str]) -> str:
        return "%s" if match[0] == "?" else match[0]

    return _PLACEHOLDER.sub(swap, sql.replace("%", "%%"))
