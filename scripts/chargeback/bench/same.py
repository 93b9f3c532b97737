"""Whether the project's tables and the hand-written ones hold the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from chargeback.load.privacy import literal

TABLES = ("fct_usage_events", "fct_team_daily_costs")
LOAD_COLUMNS = ("load_id", "last_load_id")
"""Numbers of files: the script numbers them by name, the loader as they come."""


@dataclass(frozen=True)
class Difference:
    """A table compared: its rows, and how many are on one side only."""

    table: str
    row_count: int
    only_built: int
    only_by_hand: int

    @property
    def is_same(self) -> bool:
        """Whether both sides have the same rows, each as often."""
        return not (self.only_built or self.only_by_hand)


def compare(built: Path, schema: str, by_hand: Path, ignore_loads: bool) -> list[Difference]:
    """Compare every column of both tables in two DuckDB files; order does not matter.

    `ignore_loads` leaves out `LOAD_COLUMNS`, for files that were not loaded in order of name.
    """
    with duckdb.connect() as connection:
        # Views name the file they are in.
        name = built.stem
        connection.execute(f'attach {literal(str(built))} as "{name}" (read_only)')
        connection.execute(f"attach {literal(str(by_hand))} as script (read_only)")
        return [
            _compare(connection, table, f'"{name}"."{schema}"."{table}"', ignore_loads)
            for table in TABLES
        ]


def _compare(
    connection: duckdb.DuckDBPyConnection, table: str, ours: str, ignore_loads: bool
) -> Difference:
    theirs = f'script.main."{table}"'
    described = connection.execute(f"describe {ours}").fetchall()
    columns = {
        name: data_type
        for name, data_type, *_ in described
        if not (ignore_loads and name in LOAD_COLUMNS)
    }
    # The same number has another hash in another type.
    listed = ", ".join(f'cast("{name}" as {data_type})' for name, data_type in columns.items())

    def days(relation: str) -> dict[object, tuple[int, ...]]:
        """Count, sum and exclusive or of the rows' hashes, by day."""
        rows = connection.execute(
            "select event_date, count(*), sum(h), bit_xor(h) "
            f"from (select event_date, hash({listed}) as h from {relation}) group by event_date"
        )
        return {day: tuple(numbers) for day, *numbers in rows.fetchall()}

    def count_only_in(first: str, second: str, day: object) -> int:
        query = f"select {listed} from {{}} where event_date is not distinct from $day"
        found = connection.execute(
            f"select count(*) from ({query.format(first)} except all {query.format(second)})",
            {"day": day},
        )
        return found.fetchone()[0]

    our_days, their_days = days(ours), days(theirs)
    differing = [day for day in our_days | their_days if our_days.get(day) != their_days.get(day)]
    return Difference(
        table,
        sum(numbers[0] for numbers in our_days.values()),
        sum(count_only_in(ours, theirs, day) for day in differing),
        sum(count_only_in(theirs, ours, day) for day in differing),
    )
