"""What a check is. The checks themselves are in ownership.py, completeness.py and pricing.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Row = dict[str, Any]
"""One row of a query, by column name."""


TOKENS = (
    "uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens "
    "+ cache_write_1h_tokens + output_tokens"
)
"""SQL of all tokens of an event."""


class Unit(StrEnum):
    """Unit of what a check observes."""

    SHARE = "share"
    COUNT = "count"
    HOURS = "hours"


@dataclass(frozen=True)
class Check:
    """One rule: SQL that measures it, and the words that explain it.

    `sql` returns one row per subject with the columns `subject`, `observed`, `part`, `whole`,
    `money_usd`; a check whose limits come from a seed adds `target` and `severity`. `offenders_sql`
    returns `subject`, `label`, `money_usd`, `owner` and what `offender_note` needs, worst first.
    Both may use `{marts}`, `{staging}`, `{intermediate}`, `{seeds}`, `{raw}`, `{as_of}`,
    `{sources_off}` (a list of texts) and the check's own options, and must hold no colons and no
    percent signs: Great Expectations sends them as bound text.
    """

    key: str
    title: str
    sentence: str
    """What has to be true, with `{subject}` and `{limit}`."""
    fix: str
    """What to do about it."""
    sql: str
    none_sentence: str = ""
    """The sentence when the limit is zero."""
    title_of_many: str = ""
    """Title of the line that subjects share when all is well; empty when each has its own line."""
    unit: Unit = Unit.COUNT
    counted: str = ""
    """What is counted, in the plural; only for counts."""
    at_least: bool = False
    """Whether the limit is a minimum; most are maximums."""
    has_targets: bool = False
    """Whether each row brings its own limit (columns `target` and `severity`)."""
    options: tuple[tuple[str, float], ...] = ()
    """Numbers the SQL uses, with their defaults."""
    note: Callable[[Row], str] = lambda row: ""
    offenders_sql: str = ""
    offender_note: Callable[[Row], str] = lambda row: ""
    names_nearest: bool = False
    """Whether `offender_note` gets `nearest`: priced models called like `provider` and `label`."""
    money_note: str = ""
    """How the money at stake is estimated; empty where it is exact list cost."""
    needs: tuple[str, ...] = ()
    """Marts that are read."""
    needs_staging: tuple[str, ...] = ()
    """Staging models that are read."""
    needs_intermediate: tuple[str, ...] = ()
    """Intermediate models that are read."""
    offenders_in_raw: str = ""
    """Raw table that `offenders_sql` reads; without it (another tool loads) none are named."""
