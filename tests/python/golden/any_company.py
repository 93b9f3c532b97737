"""Companies nobody thought of, and the logs that all of them share."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import strategies as st

from golden.owners import METHODS, Call, Company, Line, Membership, Range, Rule, Team, Traces
from rules.logs import FIRST, Logs, key_id, span_id, trace_id

START = datetime(2026, 3, 1)
DAYS = 8
TEAM_IDS = ("ants", "bees", "cats", "dogs", "eels")
TEAM_NAMES = {team_id: f"The {team_id.title()}" for team_id in TEAM_IDS}
TEAM_ALIASES = ("Hill", "Hive", "Old Cats")
FEATURES = ("find", "sort", "draw", "tell")
FEATURE_ALIASES = ("Search Box", "arrange")
USERS = tuple(f"user-{n}" for n in range(5))
KEYS = tuple(key_id(f"any {n}") for n in range(4))
MASTER_KEY = "litellm_proxy_master_key"
SERVICES = ("Gate", "shop")
#: What logs and directories may call a team; nobody knows the last one.
TEAM_WORDS = (*TEAM_IDS, *TEAM_NAMES.values(), *TEAM_ALIASES, " BEES ", "nobody")
FEATURE_WORDS = (*FEATURES, *FEATURE_ALIASES, " Find", "nothing")


# --- companies -----------------------------------------------------------------------------------
_halves = st.integers(-2, 2 * DAYS + 2)


def _moment(half_days: int) -> datetime:
    return START + timedelta(hours=12 * half_days)


@st.composite
def _ranges(draw: Callable) -> Range:
    """In half days, some open, some empty: what ends before it begins never holds."""
    start = _moment(draw(_halves))
    end = draw(st.none() | _halves.map(_moment))
    return Range(start, end)


@st.composite
def _teams(draw: Callable) -> tuple[Team, ...]:
    ids = draw(st.lists(st.sampled_from(TEAM_IDS), min_size=4, unique=True))
    # Days on which they open differ, so that one platform team opened last.
    opened = draw(st.permutations(range(-4, DAYS)))
    teams = []
    for team_id, day in zip(ids, opened, strict=False):
        start = START + timedelta(days=day)
        length = draw(st.none() | st.integers(1, DAYS))
        end = None if length is None else start + timedelta(days=length)
        is_platform = draw(st.booleans())
        teams.append(Team(team_id, TEAM_NAMES[team_id], Range(start, end), is_platform))
    return tuple(teams)


@st.composite
def _features(draw: Callable, team_ids: st.SearchStrategy) -> tuple[Membership, ...]:
    """Rows of features; of one feature each begins on a day of its own, or always."""
    days = st.none() | st.integers(-2, DAYS)
    keys = st.tuples(st.sampled_from(FEATURES), days)
    rows = []
    for feature, day in draw(st.lists(keys, min_size=4, max_size=9, unique=True)):
        start = None if day is None else START + timedelta(days=day)
        length = draw(st.none() | st.integers(1, DAYS))
        end = None if length is None else (start or START) + timedelta(days=length)
        rows.append(Membership(feature, draw(team_ids), Range(start, end)))
    return tuple(rows)


#: Patterns for each thing that a rule may look at.
_PATTERNS = {
    "team_tag": ("*", "ants", "the *", "*CATS", "*o*", "nobody"),
    "feature_tag": ("*", "find", "*box", "S*"),
    "api_key": ("*", KEYS[1], "alias-*", "ALIAS-2", "*-3"),
    "user": ("*", "user-1", "*-2", "us*r-*"),
    "service": ("*", "gate", "*ho*"),
    "model": ("*gpt-4.1", "*house*"),
    "source": ("litellm", "otel", "re*"),
    "operation": ("chat", "ret*"),
    "internal_tooling": ("*", *TEAM_IDS),
    "trace_ancestor": ("*", *TEAM_IDS),
    "trace_any": ("*", *TEAM_IDS),
}


@st.composite
def _rules(draw: Callable) -> tuple[Rule, ...]:
    """Rules of the company's own, and shipped ones that are off or have moved."""
    priorities = st.integers(1, 90)
    rules = []
    for method in METHODS:
        fate = draw(st.sampled_from(("stays", "stays", "stays", "moves", "is off")))
        if fate != "stays":
            assign_to = "off" if fate == "is off" else "directory"
            line = Line(method, "*")
            rules.append(Rule(method, draw(priorities), (line,), assign_to))
    for number in range(draw(st.integers(2, 6))):
        assign_to = draw(st.sampled_from(("directory", "unallocated", *TEAM_WORDS)))
        other = [name for name in _PATTERNS if name not in METHODS]
        if assign_to == "directory":
            names = [draw(st.sampled_from(METHODS))]
            names += draw(st.lists(st.sampled_from(other), max_size=1))
        else:
            names = draw(
                st.lists(st.sampled_from(list(_PATTERNS)), min_size=1, max_size=2, unique=True)
            )
        lines = tuple(Line(name, draw(st.sampled_from(_PATTERNS[name]))) for name in names)
        moments = sorted(draw(st.lists(_halves, max_size=2, unique=True)))
        ends = [_moment(moment) for moment in moments]
        valid = Range(*ends) if len(ends) < 2 else Range(ends[0], ends[1])
        rules.append(Rule(f"rule {number}", draw(priorities), lines, assign_to, valid))
    return tuple(rules)


@st.composite
def companies(draw: Callable) -> Company:
    """A company: its teams, names, features, directory and rules."""
    teams = draw(_teams())
    team_ids = st.sampled_from([team.team_id for team in teams])
    features = draw(_features(team_ids))
    word = st.sampled_from(TEAM_WORDS)

    def members(who: tuple[str, ...]) -> st.SearchStrategy:
        rows = st.builds(Membership, st.sampled_from(who), word, _ranges())
        return st.lists(rows, min_size=12, max_size=24).map(tuple)

    known = st.sampled_from(sorted({row.who for row in features}))
    return Company(
        teams=teams,
        team_aliases=draw(st.dictionaries(st.sampled_from(TEAM_ALIASES), team_ids)),
        features=features,
        feature_aliases=draw(st.dictionaries(st.sampled_from(FEATURE_ALIASES), known)),
        users=draw(members(USERS)),
        keys=draw(members(KEYS)),
        tooling=draw(st.frozensets(st.sampled_from(_TOOLING))),
        own_rules=draw(_rules()),
    )


_TOOLING = [("api_key", MASTER_KEY), ("service_name", "gate"), ("api_key", KEYS[0])]


# --- logs ----------------------------------------------------------------------------------------
class AnyLogs:
    """Calls that mean something else in every company. `calls` are the records of each event.

    Nobody draws them: the same calls are loaded once and owned anew by each company.
    """

    def __init__(self) -> None:
        self.logs = Logs()
        self.calls: dict[tuple[str, str], list[Call]] = {}
        self.spans: dict[str, dict[str, Call]] = defaultdict(dict)
        self._dice = random.Random(4)
        for number in range(240):
            self._gateway(f"chatcmpl-any-gateway-{number}", {})
        for number in range(60):
            self._trace(f"any trace {number}")
        for number in range(40):
            self._query(f"any-query-{number}")
        self._add_rejects()

    @property
    def traces(self) -> Traces:
        """All spans."""
        return Traces(self.spans)

    def _gateway(self, name: str, columns: dict) -> Call:
        key = self._maybe((*KEYS, MASTER_KEY))
        call = Call(
            name,
            columns.get("at") or self._at(),
            team_tags=self._some(TEAM_WORDS, 0, 0, 0, 1, 1, 2, 3),
            feature=self._maybe(FEATURE_WORDS),
            user=self._maybe(USERS),
            key=key,
            key_alias=f"Alias-{KEYS.index(key)}" if key in KEYS else None,
            model=self._dice.choice(("openai/gpt-4.1", "openai/gpt-4.1", "openai/house-model")),
            operation="chat",
            source="litellm",
        )
        tags = [f"feature:{call.feature}"] if call.feature else []
        tags += [f"team:{tag}" for tag in call.team_tags]
        self.logs.call(
            name,
            at=call.at.isoformat(),
            prompt=self._dice.randrange(1, 10**6),
            completion=self._dice.randrange(1, 10**5),
            model=call.model or "",
            tags=tuple(tags),
            user=call.user or "",
            key=call.key or "",
            metadata={"user_api_key_alias": call.key_alias} if call.key_alias else None,
        )
        self.calls["litellm", name] = [call]
        return call

    def _trace(self, trace: str) -> None:
        """Steps and calls, each below one of those before it, or below none that is there."""
        begin = self._at()
        labels: list[str] = []
        size = self._dice.randrange(2, 8)
        # Some traces begin with two spans that are each other's parents.
        is_circle = self._dice.random() < 0.15
        for number in range(size):
            label = f"{trace}, span {number}"
            parent = self._dice.choice([*labels, *labels, None, f"{trace}, lost"])
            if is_circle and number < 2:
                parent = f"{trace}, span {1 - number}"
            labels.append(label)
            is_call = self._dice.random() < 0.6
            span = Call(
                span_id(label),
                begin + timedelta(milliseconds=number),
                team_tags=self._some(TEAM_WORDS, 0, 0, 1),
                feature=self._maybe(FEATURE_WORDS),
                user=self._maybe(USERS),
                service=self._maybe(SERVICES),
                model="gpt-4.1" if is_call else None,
                operation="chat" if is_call else None,
                source="otel",
                trace=trace_id(trace),
                span=span_id(label),
                parent=span_id(parent) if parent else None,
            )
            self.spans[trace_id(trace)][span_id(label)] = span
            # Response ids differ, so no two spans tell the same call.
            response = f"chatcmpl-any {label}" if is_call else None
            self.logs.span(
                label,
                trace=trace,
                parent=parent,
                at=span.at.isoformat(),
                seconds=0,
                operation="chat" if is_call else None,
                tokens=(self._dice.randrange(1, 10**6), 100) if is_call else None,
                response=response,
                attributes={
                    "team": next(iter(span.team_tags), None),
                    "app.feature": span.feature,
                    "user.id": span.user,
                },
                resource={"service.name": span.service},
            )
            if is_call:
                self.calls["otel", span.name] = [span]
            if response and self._dice.random() < 0.3:
                # The gateway tells the same call, and its record is kept.
                call = self._gateway(response, {"at": span.at})
                self.calls["litellm", response] = [call, span]
                del self.calls["otel", span.name]

    def _query(self, name: str) -> None:
        trace = self._dice.choice([None, *self.spans])
        call = Call(
            name,
            self._at(),
            team_tags=self._some(TEAM_WORDS, 0, 0, 1),
            feature=self._maybe(FEATURE_WORDS),
            user=self._maybe(USERS),
            key=self._maybe(KEYS),
            operation="retrieval",
            source="retrieval",
            trace=trace,
        )
        self.logs.query(
            name,
            at=call.at.isoformat(),
            read_units=self._dice.randrange(1, 1000) / 2,
            team=next(iter(call.team_tags), None),
            feature=call.feature,
            user_id=call.user,
            api_key=call.key,
            trace_id=trace,
        )
        self.calls["retrieval", name] = [call]

    def _at(self) -> datetime:
        """Often just at or just before a moment at which something changes."""
        near = self._dice.choice((0, 0, -1, 1, 3_600_000_000))
        half_days = self._dice.randrange(0, 2 * DAYS)
        return START + timedelta(hours=12 * half_days, microseconds=near)

    def _maybe(self, words: tuple[str, ...]) -> str | None:
        return self._dice.choice(words) if self._dice.random() < 0.5 else None

    def _some(self, words: tuple[str, ...], *counts: int) -> tuple[str, ...]:
        return tuple(self._dice.sample(words, self._dice.choice(counts)))

    def _add_rejects(self) -> None:
        """Rows that are no events of their own, whoever owns them."""
        self.logs.call("chatcmpl-any-negative", prompt=-1)
        self.logs.call("chatcmpl-any-no-model", model="")
        self.logs.add(FIRST, "litellm/spend_logs", self.logs.rows[FIRST, "litellm/spend_logs"][0])
