"""A database of a test's own on the PostgreSQL server that CHARGEBACK_PG_* names."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def new_database() -> Iterator[str]:
    """A new, empty database, dropped afterwards.

    Skips the test without a server, or fails it where CHARGEBACK_REQUIRE_POSTGRES is set.
    """
    required = os.environ.get("CHARGEBACK_REQUIRE_POSTGRES", "") not in ("", "0")
    if not os.environ.get("CHARGEBACK_PG_HOST"):
        reason = "no PostgreSQL: CHARGEBACK_PG_HOST is not set (.ci/run starts a server of its own)"
        if required:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    import psycopg

    name = f"chargeback_test_{secrets.token_hex(4)}"
    admin = psycopg.connect(
        host=os.environ["CHARGEBACK_PG_HOST"],
        port=os.environ.get("CHARGEBACK_PG_PORT", "5432"),
        user=os.environ.get("CHARGEBACK_PG_USER", "chargeback"),
        password=os.environ.get("CHARGEBACK_PG_PASSWORD", ""),
        dbname=os.environ.get("CHARGEBACK_PG_DBNAME", "postgres"),
        autocommit=True,
        connect_timeout=10,
    )
    with admin:
        admin.execute(f"create database {name}")
        try:
            yield name
        finally:
            admin.execute(f"drop database {name} with (force)")
