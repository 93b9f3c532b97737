"""A DuckDB dialect for SQLAlchemy that only reads.

Great Expectations closes a connection before it fetches the rows of its last query. SQLAlchemy then
rolls back, and DuckDB forgets a pending result on rollback. A reader needs no transactions, so this
dialect has none.
"""

from __future__ import annotations

from typing import Any

import duckdb_engine
from sqlalchemy.dialects import registry

NAME = "duckdb.readonly"
URL = "duckdb+readonly://"


class ReadOnlyDialect(duckdb_engine.Dialect):
    """DuckDB without transactions. Open the file itself read-only as well."""

    driver = "readonly"
    supports_statement_cache = False

    def do_begin(self, connection: Any) -> None:
        """Nothing to begin."""

    def do_commit(self, connection: Any) -> None:
        """Nothing to commit."""

    def do_rollback(self, connection: Any) -> None:
        """Nothing to roll back; a pending result stays readable."""


def register() -> None:
    """Make `duckdb+readonly:///` known to SQLAlchemy."""
    registry.register(NAME, __name__, ReadOnlyDialect.__name__)
