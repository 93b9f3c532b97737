"""What the gate measures and concludes, without any engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """Verdict on one subject of one check."""

    PASSED = "passed"
    WARNING = "warning"
    CRITICAL = "critical"
    NO_DATA = "no data"


class Severity(StrEnum):
    """What a broken limit means: the gate fails, or it only says so."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Limit:
    """The bound of one severity, in the unit of its check."""

    severity: Severity
    value: float


@dataclass(frozen=True)
class Offender:
    """One team, model, table or day that makes a number worse.

    `money_usd` is None where the money is not known; `owner` is who can fix it.
    """

    label: str
    note: str
    money_usd: Decimal | None
    owner: str | None


@dataclass(frozen=True)
class Measurement:
    """One subject of a check as the warehouse has it.

    `observed` is in the unit of the check (a share of 1, a count, hours); None when there is
    nothing to measure. `money_usd` is the list cost at stake; None when it is not known. `note`
    says in a few words what the number is made of.
    """

    check: str
    subject: str
    observed: float | None
    limits: tuple[Limit, ...]
    money_usd: Decimal | None = None
    note: str = ""
    offenders: tuple[Offender, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """A measurement and what Great Expectations said about it."""

    measurement: Measurement
    status: Status
    broken: Limit | None = None
    """The limit that was broken: the critical one when both are."""
    page: str | None = None
    """Path of the Data Docs page, relative to the site's index."""

    def with_page(self, page: str | None) -> Verdict:
        """The same verdict, with its Data Docs page."""
        return replace(self, page=page)


def conclude(measurement: Measurement, outcomes: Sequence[tuple[Limit, bool]]) -> Verdict:
    """Turn the pass or fail of each limit into one verdict: critical beats warning beats passed."""
    if not outcomes:
        return Verdict(measurement, Status.NO_DATA)
    broken = [limit for limit, is_met in outcomes if not is_met]
    for severity, status in (
        (Severity.CRITICAL, Status.CRITICAL),
        (Severity.WARNING, Status.WARNING),
    ):
        for limit in broken:
            if limit.severity == severity:
                return Verdict(measurement, status, limit)
    return Verdict(measurement, Status.PASSED)


def count(verdicts: Sequence[Verdict], status: Status) -> int:
    """How many verdicts have a status."""
    return sum(verdict.status == status for verdict in verdicts)
