"""What a report says, without any engine or terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

UNALLOCATED = "unallocated"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Period:
    """Days in UTC, both included; None is open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Usage:
    """Measures of a set of events. Money is exact, in US dollars.

    `estimated_cost_usd` is the part of the list cost that comes from estimated token counts.
    """

    event_count: int = 0
    token_count: int = 0
    list_cost_usd: Decimal = ZERO
    contracted_cost_usd: Decimal = ZERO
    estimated_cost_usd: Decimal = ZERO
    unpriced_event_count: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.event_count + other.event_count,
            self.token_count + other.token_count,
            self.list_cost_usd + other.list_cost_usd,
            self.contracted_cost_usd + other.contracted_cost_usd,
            self.estimated_cost_usd + other.estimated_cost_usd,
            self.unpriced_event_count + other.unpriced_event_count,
        )

    @property
    def agreed_usd(self) -> Decimal:
        """What was agreed with the providers takes off the list cost."""
        return self.list_cost_usd - self.contracted_cost_usd

    @property
    def estimated_share(self) -> Decimal | None:
        """Share of the list cost that comes from estimated token counts."""
        return ratio(self.estimated_cost_usd, self.list_cost_usd)


@dataclass(frozen=True)
class Coverage:
    """Cost and events, once per required tag, and how much of it carries a valid tag."""

    cost_usd: Decimal = ZERO
    valid_cost_usd: Decimal = ZERO
    event_count: int = 0
    valid_event_count: int = 0

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.cost_usd + other.cost_usd,
            self.valid_cost_usd + other.valid_cost_usd,
            self.event_count + other.event_count,
            self.valid_event_count + other.valid_event_count,
        )

    @property
    def share(self) -> Decimal | None:
        """Share of the cost with a valid tag, averaged over the tags; of events if none costs."""
        if self.cost_usd:
            return ratio(self.valid_cost_usd, self.cost_usd)
        return ratio(Decimal(self.valid_event_count), Decimal(self.event_count))


@dataclass(frozen=True)
class Part:
    """A feature of a team, or a model of a feature, and its contracted cost."""

    id: str
    name: str
    cost_usd: Decimal


@dataclass(frozen=True)
class Row:
    """A team, or with `--team` a feature of it. `coverage` is None where it is not measured.

    `is_registered` is False where only the logs know the name, not the company's seeds.
    """

    id: str
    name: str
    usage: Usage
    owner: str | None = None
    coverage: Coverage | None = None
    parts: tuple[Part, ...] = ()
    is_registered: bool = True


@dataclass(frozen=True)
class Line:
    """One line of a table: a row, or several summed up (then `row` is None)."""

    name: str
    rows: Sequence[Row]
    row: Row | None = None


@dataclass(frozen=True)
class Account:
    """What became of the rows of one source. `difference_count` must be 0."""

    source_name: str
    row_count: int
    event_count: int
    duplicate_count: int
    reject_count: int
    other_row_count: int
    difference_count: int


@dataclass(frozen=True)
class Report:
    """All of it. `first_date` and `last_date` are the first and last day with an event."""

    subject: str
    """What a row is: team or feature."""
    period: Period
    first_date: date
    last_date: date
    rows: Sequence[Row]
    """Dearest first, `unallocated` last."""
    accounts: Sequence[Account]
    team_id: str | None = None
    team_name: str | None = None
    total: Usage = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", total_usage(self.rows))

    @property
    def coverage(self) -> Coverage | None:
        """Tag coverage of all rows together."""
        return total_coverage(self.rows)

    @property
    def unallocated_cost_usd(self) -> Decimal:
        """Cost that no rule gives to a team."""
        return sum(
            (row.usage.contracted_cost_usd for row in self.rows if row.id == UNALLOCATED),
            start=ZERO,
        )

    @property
    def prices(self) -> str:
        """Whose prices the cost has: a contract's, or the list's where nothing is agreed."""
        return "contracted cost" if self.total.agreed_usd else "list prices"

    @property
    def has_unregistered(self) -> bool:
        """Whether a row has a name that only the logs know."""
        return any(not row.is_registered for row in self.rows)

    def lines(self, top: int) -> list[Line]:
        """The dearest `top` rows, the rest as one line, and `unallocated`, which is never hidden.

        Names that are not registered carry a star.
        """
        owned = [row for row in self.rows if row.id != UNALLOCATED]
        # A line for one row takes as much room as the row.
        shown = owned if len(owned) == top + 1 else owned[:top]
        lines = [Line(row.name + ("" if row.is_registered else " *"), [row], row) for row in shown]
        rest = owned[len(shown) :]
        if rest:
            lines.append(Line(f"{len(rest)} more", rest))
        return lines + [Line(row.name, [row], row) for row in self.rows if row.id == UNALLOCATED]

    def total_name(self) -> str:
        """What the total sums up; `unallocated` is no team."""
        count = sum(row.id != UNALLOCATED for row in self.rows)
        return f"Total, {count} {self.subject}{'' if count == 1 else 's'}"


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """A share of 1, or None without a whole."""
    return part / whole if whole else None


def total_usage(rows: Iterable[Row]) -> Usage:
    """The sum of the rows' measures."""
    return sum((row.usage for row in rows), start=Usage())


def total_coverage(rows: Iterable[Row]) -> Coverage | None:
    """The sum of the rows' tag coverage; None when no row has one."""
    found = [row.coverage for row in rows if row.coverage is not None]
    return sum(found, start=Coverage()) if found else None
