"""Draws the gateway's calls of one day as columns of numbers; `gateway` writes them as rows."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from functools import cached_property

import numpy as np

from chargeback.sample.company import Company
from chargeback.sample.models import (
    ANTHROPIC,
    EMBEDDING,
    FALLBACKS,
    INDEX,
    MODELS,
    RERANK,
)  # fmt: skip
from chargeback.sample.plan import OUTAGE_HOURS, OUTAGE_PROVIDER, is_burst, is_outage
from chargeback.sample.prices import TIERS
from chargeback.sample.profiles import BURST_FACTOR, BURST_TEAM
from chargeback.sample.shapes import draw_times, draw_tokens

DAY_MS = 86_400_000
PROD, STAGING, DEV = range(3)
ENVIRONMENTS = ("prod", "staging", "dev")

# Outcome of a call.
(OK, CACHE_HIT, ABANDONED, SERVER_ERROR, RATE_LIMIT, BAD_REQUEST, TIMEOUT, ATTEMPT, NO_MODEL,
 BAD_KEY) = range(10)  # fmt: skip
_OUTCOME_RATES = (
    (SERVER_ERROR, 0.009), (RATE_LIMIT, 0.012), (BAD_REQUEST, 0.004), (TIMEOUT, 0.005),
    (ATTEMPT, 0.0025), (NO_MODEL, 0.001), (BAD_KEY, 0.0015), (ABANDONED, 0.008),
)  # fmt: skip

# How a call is tagged.
(TAGS, METADATA, PARTIAL, UNTAGGED, UNKNOWN_TEAM, ALIAS, OTHER_CASE, UNKNOWN_FEATURE, LOUD,
 UNKNOWN_BOTH, FEATURE_ONLY) = range(11)  # fmt: skip
_TAGGING_RATES = (
    (METADATA, 0.30), (PARTIAL, 0.09), (UNTAGGED, 0.06), (UNKNOWN_TEAM, 0.008), (ALIAS, 0.009),
    (OTHER_CASE, 0.008), (UNKNOWN_FEATURE, 0.006), (LOUD, 0.03),
)  # fmt: skip
_CARELESS = {"sales-development": 0.14, "mobile-apps": 0.10, "ai-platform": 0.03}
"""Teams that leave even more calls untagged, and the share on top."""
_HACK_RATE, _HACK_BOTH, _HACK_FEATURE = 0.7, 0.2, 0.35
"""Share of the hack week's calls that name no team that exists; of these those up to the second
number name a team and a feature that nobody registered, up to the third such a feature only."""


@dataclass
class Calls:
    """Columns of equal length, one element per gateway row; times are UTC milliseconds."""

    feature: np.ndarray
    model: np.ndarray
    start_ms: np.ndarray
    duration_ms: np.ndarray
    first_token_ms: np.ndarray
    tokens_in: np.ndarray
    cached: np.ndarray
    write_5m: np.ndarray
    write_1h: np.ndarray
    tokens_out: np.ndarray
    reasoning: np.ndarray
    tier: np.ndarray
    environment: np.ndarray
    key: np.ndarray
    user: np.ndarray
    tagging: np.ndarray
    is_eval: np.ndarray
    outcome: np.ndarray
    retries: np.ndarray
    asked_model: np.ndarray
    session: np.ndarray
    late_days: np.ndarray
    variant: np.ndarray
    """Other ways to call: the responses or messages interface."""
    source: np.ndarray
    """For a cache hit: the row (in the day) whose answer it repeats. Else -1."""
    trace: np.ndarray
    """For a call that a trace also shows: its place among them. Else -1."""

    def __len__(self) -> int:
        return len(self.feature)

    def take(self, rows: np.ndarray | slice) -> Calls:
        """Some rows, in the order given."""
        return Calls(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})

    def followed_by(self, other: Calls) -> Calls:
        """These rows, then those of `other`."""
        return Calls(
            **{
                item.name: np.concatenate([getattr(self, item.name), getattr(other, item.name)])
                for item in fields(self)
            }
        )


class Roster:
    """Look-up tables of a company as arrays, and who can call on a given day."""

    def __init__(self, company: Company):
        self.company = company
        self.users = sorted({stay.user_id for stay in company.stays})
        self.user_place = {user: place for place, user in enumerate(self.users)}
        profiles = [feature.profile for feature in company.features]
        self.team = np.array([feature.team for feature in company.features])
        self.weight = np.array([profile.weight for profile in profiles])
        self.shape = np.array([profile.shape for profile in profiles])
        self.scale_in = np.array([profile.scale_in for profile in profiles])
        self.scale_out = np.array([profile.scale_out for profile in profiles])
        self.schedule = np.array([profile.schedule for profile in profiles])
        self.steps = np.array([profile.steps for profile in profiles])
        self.cached = np.array([profile.cached for profile in profiles])
        self.one_hour = np.array([profile.one_hour for profile in profiles])
        self.gateway_cache = np.array([profile.gateway_cache for profile in profiles])
        self.tier = np.array([TIERS.index(profile.tier) for profile in profiles])
        self.evals = np.array([profile.evals for profile in profiles])
        names = [company.teams[place].team_id for place in self.team]
        self.careless = np.array([_CARELESS.get(name, 0.0) for name in names])
        self.is_bursting = np.array([name == BURST_TEAM for name in names])
        self.mix_model, self.mix_edge = _mixes(profiles)
        keys = {key.alias: place for place, key in enumerate(company.keys)}
        team_ids = [team.team_id for team in company.teams]
        self.prod_key = np.array([keys[f"{name}-prod"] for name in team_ids])[self.team]
        self.dev_key = np.array([keys[f"{name}-dev"] for name in team_ids])[self.team]
        self.service_key = np.array(
            [
                keys.get(f"{feature.feature_id}-service", self.prod_key[place])
                for place, feature in enumerate(company.features)
            ]
        )
        self.hack_key = keys["hack-week"]
        self.orphan_key = keys["innovation-lab"]
        self.key_user = np.array([self.user_place.get(key.user_id, -1) for key in company.keys])

    @cached_property
    def bad_key(self) -> int:
        """Place of a key that the gateway does not know."""
        return len(self.company.keys)

    def members(self, day: date) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Users of a day sorted by team; where each team starts, and its size."""
        lists = self.company.members_on(day)
        flat = np.array([self.user_place[user] for team in lists for user in team], dtype=np.int64)
        return _offsets(flat, lists)

    def personal_keys(self, day: date) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Personal keys of a day sorted by team; where each team starts, and how many it has."""
        team_of = {
            user: place
            for place, team in enumerate(self.company.members_on(day))
            for user in team
        }  # fmt: skip
        lists: list[list[int]] = [[] for _ in self.company.teams]
        for place, key in enumerate(self.company.keys):
            if key.user_id in team_of:
                lists[team_of[key.user_id]].append(place)
        flat = np.array([key for team in lists for key in team], dtype=np.int64)
        return _offsets(flat, lists)


def _offsets(flat: np.ndarray, lists: list) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sizes = np.array([len(item) for item in lists])
    return flat, np.cumsum(sizes) - sizes, sizes


def _mixes(profiles: list) -> tuple[np.ndarray, np.ndarray]:
    widest = max(len(profile.mix) for profile in profiles)
    model = np.zeros((len(profiles), widest), dtype=np.int64)
    edge = np.ones((len(profiles), widest))
    for row, profile in enumerate(profiles):
        shares = np.cumsum([share for _, share in profile.mix])
        count = len(profile.mix)
        model[row, :count] = [INDEX[name] for name, _ in profile.mix]
        model[row, count:] = model[row, count - 1]
        edge[row, :count] = shares / shares[-1]
    return model, edge


_FAMILY = np.array([model.family for model in MODELS])
_CAN_CACHE = np.array([model.can_cache for model in MODELS])
_REASONS = np.array([model.reasons for model in MODELS])
_IS_OUT = np.array([model.price_provider == OUTAGE_PROVIDER for model in MODELS])
_FALLBACK = np.full(len(MODELS), -1)
for _asked, _served in FALLBACKS.items():
    _FALLBACK[INDEX[_asked]] = INDEX[_served]


def family_of(model: np.ndarray) -> np.ndarray:
    """Usage family per call."""
    return _FAMILY[model]


def _choose(rng: np.random.Generator, count: int, rates: tuple[tuple[int, float], ...]):
    """Codes with given rates; 0 for the rest."""
    edges = np.cumsum([rate for _, rate in rates])
    codes = np.array([code for code, _ in rates] + [0])
    return codes[np.searchsorted(edges, rng.random(count), side="right")]


def _member_of(rng, team, table) -> np.ndarray:
    """A random element of each call's team; -1 where the team has none."""
    flat, starts, sizes = table
    size = sizes[team]
    place = starts[team] + np.floor(rng.random(len(team)) * np.maximum(size, 1)).astype(np.int64)
    if not len(flat):
        return np.full(len(team), -1)
    return np.where(size > 0, flat[np.minimum(place, len(flat) - 1)], -1)


def day_start_ms(day: date) -> int:
    """Midnight of a day in UTC milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def draw_calls(
    rng: np.random.Generator,
    roster: Roster,
    day: date,
    count: int,
    is_first: bool = False,
    batch: int = 0,
) -> Calls:
    """Draw `count` calls of one day, not sorted; `batch` numbers the draws of a large day.

    Late rows (0.5 %) belong to the day before, unless the day is the first.
    """
    weight = roster.weight * np.where(roster.is_bursting & is_burst(day), BURST_FACTOR, 1.0)
    edges = np.cumsum(weight) / weight.sum()
    feature = np.sort(np.searchsorted(edges, rng.random(count), side="right"))
    feature = np.minimum(feature, len(edges) - 1)
    step, run = _runs(feature, roster.steps)
    pick = rng.random(count)
    # A run keeps its model: the first call of the run decides.
    pick = np.where(roster.steps[feature] > 1, pick[np.arange(count) - step], pick)
    model = roster.mix_model[feature, (pick[:, None] > roster.mix_edge[feature]).sum(axis=1)]
    tier = np.where(rng.random(count) < 0.7, roster.tier[feature], 0)
    time_ms = draw_times(rng, roster.schedule[feature])
    pause = np.rint(rng.random(count) * 7000 + 2000) * step
    time_ms = np.where(step > 0, time_ms[np.arange(count) - step] + pause, time_ms)
    time_ms = np.minimum(time_ms, DAY_MS - 1).astype(np.int64)
    usage = _usage(rng, roster, feature, model, step)
    is_eval = rng.random(count) < roster.evals[feature]
    environment = np.where(
        is_eval, STAGING, _choose(rng, count, ((STAGING, 0.08), (DEV, 0.10)))
    )  # fmt: skip
    key, user = _callers(rng, roster, day, feature, environment)
    tagging = _choose(rng, count, _TAGGING_RATES)
    lapse = rng.random(count)
    forgets = lapse < np.where(
        np.isin(key, (roster.hack_key, roster.orphan_key)), _HACK_RATE, roster.careless[feature]
    )
    forgotten = np.where(
        (key != roster.hack_key) | (lapse >= _HACK_FEATURE),
        UNTAGGED,
        np.where(lapse < _HACK_BOTH, UNKNOWN_BOTH, FEATURE_ONLY),
    )
    late = np.zeros(count, dtype=np.int64)
    if not is_first:
        late = np.where(rng.random(count) < 0.005, 1, 0)
    latency = 180 + usage["tokens_out"] * (6 + 10 * rng.random(count)) + 300 * rng.random(count)
    calls = Calls(
        feature=feature,
        model=model,
        start_ms=day_start_ms(day) + time_ms - late * DAY_MS,
        duration_ms=np.rint(latency).astype(np.int64),
        first_token_ms=np.rint(np.minimum(latency, 180 + 900 * rng.random(count))).astype(np.int64),
        **usage,
        tier=tier,
        environment=environment,
        key=key,
        user=user,
        tagging=np.where(forgets, forgotten, tagging),
        is_eval=is_eval,
        outcome=_choose(rng, count, _OUTCOME_RATES),
        retries=np.where(rng.random(count) < 0.02, rng.integers(1, 3, count), 0),
        asked_model=np.full(count, -1),
        session=_sessions(day, batch, feature, run, roster.steps),
        late_days=late,
        variant=rng.random(count) < 0.35,
        source=np.full(count, -1),
        trace=np.full(count, -1),
    )
    calls = _with_fallbacks(rng, calls)
    return _with_outage(rng, calls) if is_outage(day) else calls


def _runs(feature: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Step within its agent run, and number of the run, per call; features must be sorted."""
    first = np.searchsorted(feature, feature, side="left")
    rank = np.arange(len(feature)) - first
    return rank % steps[feature], rank // steps[feature]


def _sessions(day, batch, feature, run, steps) -> np.ndarray:
    """A number per agent run; each other call has its own."""
    own = np.arange(len(feature)) + 1_000_000_000
    number = np.where(steps[feature] > 1, run, own).astype(np.uint64)
    start = (day.toordinal() * 1009 + batch) * 0x9E3779B97F4A7C15 % (1 << 64)
    return np.uint64(start) + (feature.astype(np.uint64) << np.uint64(33)) + number


def _usage(rng, roster: Roster, feature, model, step) -> dict[str, np.ndarray]:
    count = len(feature)
    family = _FAMILY[model]
    # Each step of a run carries what came before.
    growth = 0.6 + 0.22 * step
    scale_in = roster.scale_in[feature] * np.where(roster.steps[feature] > 1, growth, 1.0)
    thinking = np.where(_REASONS[model], 2.2, 1.0)
    tokens_in, tokens_out = draw_tokens(
        rng, roster.shape[feature], scale_in, roster.scale_out[feature] * thinking
    )
    tokens_in = np.minimum(tokens_in, 900_000)
    tokens_out = np.minimum(tokens_out, 60_000)
    tokens_out[family == EMBEDDING] = 0
    tokens_in[family == RERANK] = 0
    tokens_out[family == RERANK] = 0
    reasoning = np.where(
        _REASONS[model], np.floor(tokens_out * (0.2 + 0.6 * rng.random(count)) / 64) * 64, 0
    ).astype(np.int64)
    uses_cache = (
        _CAN_CACHE[model] & (tokens_in >= 1024) & (rng.random(count) < roster.cached[feature])
    )
    block = np.where(family == ANTHROPIC, 1, 128)
    share = 0.3 + 0.6 * rng.random(count)
    known = np.where((family == ANTHROPIC) & (step == 0) & (rng.random(count) < 0.6), 0.0, share)
    cached = np.where(uses_cache, np.floor(tokens_in * known / block) * block, 0).astype(np.int64)
    left = tokens_in - cached
    writes = uses_cache & (family == ANTHROPIC)
    written = np.where(writes, np.floor(left * (0.4 + 0.55 * rng.random(count))), 0)
    hour_share = np.where(roster.one_hour[feature], rng.random(count), 0.0)
    write_1h = np.floor(written * hour_share).astype(np.int64)
    return {
        "tokens_in": tokens_in,
        "cached": cached,
        "write_5m": written.astype(np.int64) - write_1h,
        "write_1h": write_1h,
        "tokens_out": tokens_out,
        "reasoning": reasoning,
    }


def _callers(rng, roster: Roster, day, feature, environment) -> tuple[np.ndarray, np.ndarray]:
    count, team = len(feature), roster.team[feature]
    key = np.where(environment == DEV, roster.dev_key[feature], roster.service_key[feature])
    member = _member_of(rng, team, roster.members(day))
    user = np.where(rng.random(count) < 0.4, member, -1)
    personal = _member_of(rng, team, roster.personal_keys(day))
    how = rng.random(count)
    is_personal = (how < 0.12) & (personal >= 0)
    key = np.where(is_personal, personal, key)
    user = np.where(is_personal, roster.key_user[key], user)
    is_hack = (how >= 0.12) & (how < 0.128)
    key = np.where(is_hack, roster.hack_key, key)
    is_orphan = (how >= 0.128) & (how < 0.134)
    key = np.where(is_orphan, roster.orphan_key, key)
    return key, np.where(is_orphan, -1, user)


def _with_fallbacks(rng, calls: Calls) -> Calls:
    """Every hundredth call of a model that has a fallback is served by it."""
    served = _FALLBACK[calls.model]
    falls = (served >= 0) & (rng.random(len(calls)) < 0.012) & (calls.outcome == OK)
    return replace(
        calls,
        asked_model=np.where(falls, calls.model, -1),
        model=np.where(falls, served, calls.model),
    )


def _with_outage(rng, calls: Calls) -> Calls:
    """Most calls of one provider fail for some hours."""
    hour = calls.start_ms % DAY_MS // 3_600_000
    first, last = OUTAGE_HOURS
    hit = _IS_OUT[calls.model] & (hour >= first) & (hour < last)
    hit &= (rng.random(len(calls)) < 0.8) & (calls.outcome == OK)
    return replace(calls, outcome=np.where(hit, SERVER_ERROR, calls.outcome))


def settle(rng: np.random.Generator, roster: Roster, calls: Calls) -> Calls:
    """Sort a day's calls by time, turn some into gateway cache hits, and empty failed ones."""
    calls = calls.take(np.argsort(calls.start_ms, kind="stable"))
    count = len(calls)
    wants = (
        (rng.random(count) < roster.gateway_cache[calls.feature])
        & (calls.outcome == OK)
        & (calls.trace < 0)
        & (calls.late_days == 0)
    )
    source = np.full(count, -1)
    for feature in np.unique(calls.feature[wants]):
        rows = np.flatnonzero((calls.feature == feature) & (calls.outcome == OK))
        hits = np.flatnonzero(wants[rows])
        answers = rows[~wants[rows] & (calls.trace[rows] < 0)]
        earlier = np.searchsorted(answers, rows[hits], side="left")
        chosen = np.floor(rng.random(len(hits)) * np.maximum(earlier, 1)).astype(np.int64)
        if len(answers):
            source[rows[hits]] = np.where(earlier > 0, answers[chosen], -1)
    is_hit = source >= 0
    origin = np.where(is_hit, source, np.arange(count))
    copied = ("model", "tokens_in", "cached", "write_5m", "write_1h", "tokens_out", "reasoning",
              "tier", "variant", "asked_model")  # fmt: skip
    changes = {name: getattr(calls, name)[origin] for name in copied}
    changes["source"] = source
    changes["outcome"] = np.where(is_hit, CACHE_HIT, calls.outcome)
    changes["retries"] = np.where(is_hit, 0, calls.retries)
    instant = rng.integers(0, 3, count)
    changes["duration_ms"] = np.where(is_hit, instant, calls.duration_ms)
    changes["first_token_ms"] = np.where(is_hit, instant, calls.first_token_ms)
    return _without_answers(replace(calls, **changes))


def _without_answers(calls: Calls) -> Calls:
    """A failed call has no output; some kinds never reached a model at all.

    Of an answer that its caller left, a part came; what has no stream can't be left.
    """
    streams = ~np.isin(_FAMILY[calls.model], (EMBEDDING, RERANK))
    leaves = (calls.outcome == ABANDONED) & streams
    calls = replace(
        calls, outcome=np.where((calls.outcome == ABANDONED) & ~streams, OK, calls.outcome)
    )
    part = np.where(leaves, 1 + calls.start_ms % 7, 10)
    tokens_out = np.where(leaves, calls.tokens_out * part // 10, calls.tokens_out)
    calls = replace(
        calls,
        tokens_out=tokens_out,
        reasoning=np.minimum(calls.reasoning, tokens_out),
        duration_ms=calls.duration_ms * part // 10,
        first_token_ms=calls.first_token_ms * part // 10,
    )
    fails = calls.outcome >= SERVER_ERROR
    unseen = np.isin(calls.outcome, (BAD_REQUEST, NO_MODEL, BAD_KEY))
    changes = {
        name: np.where(fails, 0, getattr(calls, name))
        for name in ("cached", "write_5m", "write_1h", "tokens_out", "reasoning", "tier")
    }
    changes["tokens_in"] = np.where(unseen, 0, calls.tokens_in)
    slow = np.isin(calls.outcome, (TIMEOUT, ATTEMPT))
    duration = np.where(slow, 15_000 + calls.duration_ms % 5_000, calls.duration_ms)
    changes["duration_ms"] = np.where(unseen, calls.duration_ms % 400, duration)
    changes["first_token_ms"] = np.where(fails, changes["duration_ms"], calls.first_token_ms)
    changes["retries"] = np.where(fails & ~unseen & (calls.outcome != ATTEMPT), 2, calls.retries)
    return replace(calls, **changes)
