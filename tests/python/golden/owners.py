"""Who owns a call, in plain Python: section 4 of the rules, told once more and slowly.

Written from docs/decisions (0008, 0010, 0012, 0013) and the descriptions of the models, to be
compared with what the models say for companies nobody thought of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

UNALLOCATED = ("unallocated", "none")
FIRST = datetime(1970, 1, 1)
LAST = datetime(9999, 12, 31)


def fold(text: str | None) -> str:
    """A name as it is compared."""
    return (text or "").strip().lower()


@dataclass(frozen=True)
class Range:
    """Half-open; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the moment is in it."""
        return (self.start or FIRST) <= at < (self.end or LAST)


@dataclass(frozen=True)
class Team:
    """A row of the seed `teams`."""

    team_id: str
    name: str
    open: Range
    is_platform: bool = False


@dataclass(frozen=True)
class Membership:
    """A row of the directory: a user or a key, and the team by any of its names."""

    who: str
    team: str
    valid: Range


@dataclass(frozen=True)
class Company:
    """What a company says about itself, in the order in which it is loaded."""

    teams: tuple[Team, ...]
    team_aliases: Mapping[str, str]
    features: Mapping[str, str]
    feature_aliases: Mapping[str, str]
    users: tuple[Membership, ...]
    keys: tuple[Membership, ...]
    tooling: frozenset[tuple[str, str]]
    #: Methods in the order tried; one that is not here is off.
    order: tuple[str, ...]

    def team(self, name: str | None, at: datetime) -> str | None:
        """The team of this name that is open."""
        found = self._team_by_name(fold(name))
        return found.team_id if found and found.open.holds(at) else None

    def _team_by_name(self, name: str) -> Team | None:
        by_id = {team.team_id: team for team in self.teams}
        by_name = {fold(team.name): team for team in self.teams}
        by_alias = {fold(alias): by_id.get(team) for alias, team in self.team_aliases.items()}
        return by_id.get(name) or by_name.get(name) or by_alias.get(name)

    def feature_owner(self, name: str | None, at: datetime) -> str | None:
        """The open team that owns the feature of this name."""
        aliases = {fold(alias): feature for alias, feature in self.feature_aliases.items()}
        feature = aliases.get(fold(name), fold(name))
        return self.team(self.features.get(feature), at)

    def key_owner(self, key: str | None, at: datetime) -> str | None:
        """The team of the key."""
        return self._member(self.keys, key, at)

    def user_team(self, user: str | None, at: datetime) -> str | None:
        """The team the user is in."""
        return self._member(self.users, user, at)

    def _member(self, rows: Iterable[Membership], who: str | None, at: datetime) -> str | None:
        # Of rows that overlap the one that began last holds, of these the one loaded last. If its
        # team is closed or unknown, no other row takes its place.
        holding = [row for row in rows if row.who == who and row.valid.holds(at)]
        last = max(
            enumerate(holding), key=lambda r: (r[1].valid.start or FIRST, r[0]), default=None
        )
        return self.team(last[1].team, at) if last else None

    def platform(self, at: datetime) -> str | None:
        """The platform's team; of several that are open the one that opened last."""
        found = [team for team in self.teams if team.is_platform and team.open.holds(at)]
        return max(found, key=lambda team: team.open.start or FIRST).team_id if found else None


@dataclass(frozen=True)
class Call:
    """A call or any other span, as a source recorded it. `at` is when it began."""

    name: str
    at: datetime
    team_tags: tuple[str, ...] = ()
    feature: str | None = None
    user: str | None = None
    key: str | None = None
    service: str | None = None
    trace: str | None = None
    span: str | None = None
    parent: str | None = None


@dataclass(frozen=True)
class Traces:
    """All spans, by trace."""

    spans: Mapping[str, Mapping[str, Call]] = field(default_factory=dict)

    def ancestors(self, call: Call) -> Iterator[Call]:
        """From the parent to the root; nothing where the parents lead in a circle."""
        spans = self.spans.get(call.trace or "", {})
        found: list[Call] = []
        seen = {call.span}
        parent = call.parent
        while parent in spans:
            if parent in seen:
                return
            seen.add(parent)
            found.append(spans[parent])
            parent = spans[parent].parent
        yield from found

    def all(self, call: Call) -> list[Call]:
        """Spans of the trace, by start, then by id."""
        spans = self.spans.get(call.trace or "", {})
        return sorted(spans.values(), key=lambda span: (span.at, span.span or ""))


def owner(company: Company, traces: Traces, call: Call) -> tuple[str, str]:
    """Team and attribution method of a call."""
    for method in company.order:
        team = _by_method(company, traces, call, method)
        if team:
            return team, method
    return UNALLOCATED


def _by_method(company: Company, traces: Traces, call: Call, method: str) -> str | None:
    match method:
        case "team_tag":
            # Of a list of tags the second is looked at where the first names no team.
            found = (company.team(tag, call.at) for tag in call.team_tags[:2])
            return next(filter(None, found), None)
        case "feature_tag":
            return company.feature_owner(call.feature, call.at)
        case "api_key":
            return company.key_owner(call.key, call.at)
        case "user":
            return company.user_team(call.user, call.at)
        case "internal_tooling":
            names = {("api_key", fold(call.key)), ("service_name", fold(call.service))}
            return company.platform(call.at) if names & company.tooling else None
        case "trace_ancestor":
            owners = (_span_owner(company, span) for span in traces.ancestors(call))
            return next(filter(None, owners), None)
        case "trace_any":
            owners = (_span_owner(company, span) for span in traces.all(call))
            return next(filter(None, owners), None)
    raise ValueError(method)


def _span_owner(company: Company, span: Call) -> str | None:
    """What a span gives to others: by its team tag, else its feature, else its user."""
    return (
        company.team(next(iter(span.team_tags), None), span.at)
        or company.feature_owner(span.feature, span.at)
        or company.user_team(span.user, span.at)
    )
