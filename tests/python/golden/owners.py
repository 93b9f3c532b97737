"""Who owns a call, in plain Python: section 4 of the rules, told once more and slowly.

Written from docs/decisions (0008, 0010, 0012, 0013), docs/reference/ownership.md and the
descriptions of the models, to be compared with what the models say for companies nobody thought of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

UNALLOCATED = "unallocated"
FIRST = datetime(1970, 1, 1)
LAST = datetime(9999, 12, 31)


def fold(text: str | None) -> str:
    """A name as it is compared."""
    return (text or "").strip().lower()


class Owner(NamedTuple):
    """Team, attribution method and rule."""

    team: str
    method: str
    rule_id: str | None


NOBODY = Owner(UNALLOCATED, "none", None)


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
    """A user, a key or a feature, and its team by any of its names."""

    who: str
    team: str
    valid: Range


@dataclass(frozen=True)
class Line:
    """A line of an ownership rule: what is compared, and with what."""

    match_on: str
    pattern: str

    def is_like(self, text: str | None) -> bool:
        """Whether a value fits; none fits nothing, not even `*`."""
        parts = (re.escape(part) for part in fold(self.pattern).split("*"))
        return bool(fold(text)) and bool(re.fullmatch(".*".join(parts), fold(text)))


@dataclass(frozen=True)
class Rule:
    """A rule: all its lines must match."""

    rule_id: str
    priority: int
    lines: tuple[Line, ...]
    assign_to: str
    valid: Range = Range()


#: As shipped (docs/reference/ownership.md).
METHODS = (
    "team_tag",
    "feature_tag",
    "api_key",
    "user",
    "internal_tooling",
    "trace_ancestor",
    "trace_any",
)
OF_TRACES = frozenset({"trace_ancestor", "trace_any"})
DEFAULTS = tuple(
    Rule(method, 10 * place, (Line(method, "*"),), "directory")
    for place, method in enumerate(METHODS, start=1)
)


@dataclass(frozen=True)
class Company:
    """What a company says about itself, in the order in which it is loaded."""

    teams: tuple[Team, ...]
    team_aliases: Mapping[str, str]
    features: tuple[Membership, ...]
    feature_aliases: Mapping[str, str]
    users: tuple[Membership, ...]
    keys: tuple[Membership, ...]
    tooling: frozenset[tuple[str, str]]
    #: Those of the company; the shipped ones are among them unless replaced.
    own_rules: tuple[Rule, ...]

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules that can give a team, in the order tried."""
        replaced = {rule.rule_id for rule in self.own_rules}
        found = [*self.own_rules, *(rule for rule in DEFAULTS if rule.rule_id not in replaced)]
        found = [rule for rule in found if self._can_give(rule)]
        return tuple(sorted(found, key=lambda rule: (rule.priority, rule.rule_id)))

    @cached_property
    def rules_of_spans(self) -> tuple[Rule, ...]:
        """Those tried before the first that looks at the trace, but for internal tooling."""

        def looks_at(rule: Rule, *what: str) -> bool:
            return any(line.match_on in what for line in rule.lines)

        before = takewhile(lambda rule: not looks_at(rule, *OF_TRACES), self.rules)
        return tuple(rule for rule in before if not looks_at(rule, "internal_tooling"))

    def _can_give(self, rule: Rule) -> bool:
        return rule.assign_to in ("directory", UNALLOCATED) or bool(
            self._team_by_name(fold(rule.assign_to))
        )

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
        return self._member(self.features, aliases.get(fold(name), fold(name)), at)

    def key_owner(self, key: str | None, at: datetime) -> str | None:
        """The team of the key."""
        return self._member(self.keys, key, at)

    def user_team(self, user: str | None, at: datetime) -> str | None:
        """The team the user is in."""
        return self._member(self.users, user, at)

    def _member(self, rows: Iterable[Membership], who: str | None, at: datetime) -> str | None:
        # A row says again what an earlier one of the same start said: that one is gone, also where
        # the later one ends before it. Of rows that overlap the one that began last holds. If its
        # team is closed or unknown, no other row takes its place.
        by_start = {row.valid.start or FIRST: row for row in rows if row.who == who}
        holding = [start for start, row in by_start.items() if row.valid.holds(at)]
        return self.team(by_start[max(holding)].team, at) if holding else None

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
    key_alias: str | None = None
    service: str | None = None
    model: str | None = None
    operation: str | None = None
    source: str | None = None
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
        """Spans of the trace: what has no parent first, then by start, then by id."""
        spans = self.spans.get(call.trace or "", {})
        return sorted(
            spans.values(), key=lambda span: (bool(span.parent), span.at, span.span or "")
        )


def owner(company: Company, traces: Traces, call: Call) -> Owner:
    """Who owns a call."""
    return _first(company, traces, call, company.rules)


def _first(company: Company, traces: Traces, call: Call, rules: Iterable[Rule]) -> Owner:
    given = (_give(company, traces, call, rule) for rule in rules)
    return next(filter(None, given), NOBODY)


def _give(company: Company, traces: Traces, call: Call, rule: Rule) -> Owner | None:
    """What a rule gives a call."""
    if not rule.valid.holds(call.at):
        return None
    if not all(_matches(company, traces, call, line) for line in rule.lines):
        return None
    if rule.assign_to == UNALLOCATED:
        return Owner(UNALLOCATED, "rule", rule.rule_id)
    if rule.assign_to == "directory":
        [method] = [line.match_on for line in rule.lines if line.match_on in METHODS]
        team = _look_up(company, traces, call, method)
        return Owner(team, method, rule.rule_id) if team else None
    team = company.team(rule.assign_to, call.at)
    return Owner(team, "rule", rule.rule_id) if team else None


def _matches(company: Company, traces: Traces, call: Call, line: Line) -> bool:
    match line.match_on:
        case "internal_tooling" | "trace_ancestor" | "trace_any" as method:
            return line.is_like(_look_up(company, traces, call, method))
        case "team_tag":
            return line.is_like(next(iter(call.team_tags), None))
        case "feature_tag":
            return line.is_like(call.feature)
        case "api_key":
            return line.is_like(call.key) or line.is_like(call.key_alias)
        case "user" | "service" | "model" | "source" | "operation" as column:
            return line.is_like(getattr(call, column))
    raise ValueError(line.match_on)


def _look_up(company: Company, traces: Traces, call: Call, method: str) -> str | None:
    """The team that tags, keys, users or traces lead to, if it is open."""
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
            spans: Iterable[Call] = traces.ancestors(call)
        case "trace_any":
            spans = traces.all(call)
        case _:
            raise ValueError(method)
    # A span owns as of its own start; what has closed since then owns nothing.
    owners = (_first(company, traces, span, company.rules_of_spans).team for span in spans)
    team = next((team for team in owners if team != UNALLOCATED), None)
    return company.team(team, call.at)
