"""What to write: which days, how many calls a day, how files are split."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from chargeback.errors import ChargebackError
from chargeback.sample.shapes import day_weight

DEFAULT_END = date(2026, 10, 31)
DEFAULT_DAYS = 92
DEFAULT_EVENTS = 60_000
DEFAULT_SEED = 7
MOST_EVENTS = 500_000_000
DAILY_FILES_FROM = 1_000_000
MOST_TRACES_PER_DAY = 65
TRACE_SHARE, RETRIEVAL_SHARE, OUTCOME_SHARE = 0.03, 0.12, 0.03
CALLS_PER_TRACE = 2.4
"""Model calls that a trace adds on average, beside those the gateway logs."""


@dataclass(frozen=True)
class DayPlan:
    """How much one day holds. `is_reexport` marks the day that a second export repeats in part."""

    day: date
    gateway_rows: int
    traces: int
    retrievals: int
    outcomes: int
    is_first: bool
    is_reexport: bool


@dataclass(frozen=True)
class Plan:
    """A whole run. `is_whole` is false when days are added to a company written before."""

    days: list[DayPlan]
    seed: int
    has_daily_files: bool
    is_whole: bool

    @property
    def first(self) -> date:
        """First day."""
        return self.days[0].day

    @property
    def last(self) -> date:
        """Last day, included."""
        return self.days[-1].day

    def files(self) -> list[tuple[str, list[DayPlan]]]:
        """Days by file: the name part (2026-08, or 2026-08-01) and its days."""
        parts: dict[str, list[DayPlan]] = {}
        for item in self.days:
            name = item.day.isoformat() if self.has_daily_files else f"{item.day:%Y-%m}"
            parts.setdefault(name, []).append(item)
        return list(parts.items())


def make_plan(
    days: int = DEFAULT_DAYS,
    events: int = DEFAULT_EVENTS,
    seed: int = DEFAULT_SEED,
    end: date = DEFAULT_END,
    start: date | None = None,
) -> Plan:
    """Spread about `events` usage events over `days` days that end on `end`, or begin on `start`.

    With `start` the days continue a company that was written before. Raises ChargebackError for
    numbers out of range.
    """
    if not 1 <= days <= 3660:
        raise ChargebackError(f"--days {days}: give a number from 1 to 3660")
    if not days <= events <= MOST_EVENTS:
        raise ChargebackError(
            f"--events {events}: give at least one a day, at most {MOST_EVENTS:,}"
        )
    if seed < 0:
        raise ChargebackError(f"--seed {seed}: give a number from 0")
    first = start or end - timedelta(days=days - 1)
    dates = [first + timedelta(days=place) for place in range(days)]
    weights = np.array([day_weight(day) for day in dates])
    traces = min(round(events * TRACE_SHARE), MOST_TRACES_PER_DAY * days)
    retrievals = round(events * RETRIEVAL_SHARE)
    gateway = max(days, round(events - retrievals - traces * CALLS_PER_TRACE))
    outcomes = round(min(events, 4_000_000) * OUTCOME_SHARE)
    counts = [_spread(total, weights) for total in (gateway, traces, retrievals, outcomes)]
    is_whole = start is None
    reexport = days - 6 if is_whole and days >= 14 else -1
    plans = [
        DayPlan(day, *(int(column[place]) for column in counts), place == 0, place == reexport)
        for place, day in enumerate(dates)
    ]
    return Plan(plans, seed, events >= DAILY_FILES_FROM or days < 28, is_whole)


def _spread(total: int, weights: np.ndarray) -> np.ndarray:
    edges = np.rint(np.cumsum(weights) / weights.sum() * total)
    return np.diff(edges, prepend=0)


def is_burst(day: date) -> bool:
    """Whether a day is in the week of the burst."""
    return date(2026, 9, 14) <= day <= date(2026, 9, 20)


OUTAGE_PROVIDER, OUTAGE_HOURS = "openai", (9, 15)
"""The provider that fails on one day, from the first hour (UTC) until the second."""


def is_outage(day: date) -> bool:
    """Whether a day is that of the outage."""
    return day == date(2026, 10, 6)


def random_for(seed: int, day: date, stream: int) -> np.random.Generator:
    """The random numbers of one day and purpose: days do not depend on each other."""
    sequence = np.random.SeedSequence([seed, day.toordinal(), stream])
    return np.random.Generator(np.random.PCG64(sequence))
