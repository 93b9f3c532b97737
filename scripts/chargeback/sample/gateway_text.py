"""Text of gateway rows that depends on few values only, prepared once: tags and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from chargeback.sample.calls import (
    ALIAS,
    ENVIRONMENTS,
    FEATURE_ONLY,
    LOUD,
    METADATA,
    OTHER_CASE,
    PARTIAL,
    TAGS,
    UNKNOWN_BOTH,
    UNKNOWN_FEATURE,
    UNKNOWN_TEAM,
    UNTAGGED,
    Calls,
    Roster,
)  # fmt: skip
from chargeback.sample.company import ORPHAN_TEAM, Company, gateway_team_id
from chargeback.sample.text import Choices, to_json

USER_AGENTS = (
    ("AsyncOpenAI", "AsyncOpenAI/Python 2.54.0"),
    ("python-httpx", "python-httpx/0.28.1"),
    ("OpenAI", "OpenAI/JS 6.8.1"),
)
_TAGGINGS = 11
_ALIASES = {
    "support-automation": "chatbot-squad", "content-studio": "copy-desk", "analytics": "Analytics",
    "developer-experience": "devex", "site-reliability": "sre", "mobile-apps": "mobile",
    "sales-development": "sdr", "finance-operations": "finops", "people-operations": "hr",
    "search-discovery": "search", "legal-review": "legal", "talent-acquisition": "recruiting",
    "revenue-operations": "revops", "growth-marketing": "growth", "ai-platform": "ml-platform",
}  # fmt: skip
UNKNOWN_TEAM_NAME = "growth-hackers"
UNKNOWN_FEATURE_NAME = "tmp-experiment"
HACK_TEAM_NAME = "hackathon-crew"
HACK_FEATURE_NAME = "voice-demo"


class GatewayText:
    """Tags and keys of a company as the gateway writes them."""

    def __init__(self, roster: Roster):
        self.roster = roster
        self.company: Company = roster.company
        self.eval_run = ""
        self._by_run: dict[tuple[str, str], Choices] = {}

    def on(self, day: date) -> None:
        """Evals are those of this day's week from now on."""
        year, week, _ = day.isocalendar()
        self.eval_run = f"{year}-w{week:02}"

    @cached_property
    def agent(self) -> np.ndarray:
        """User agent by feature."""
        return np.arange(len(self.company.features)) % len(USER_AGENTS)

    def tag_code(self, calls: Calls) -> np.ndarray:
        """Place in `tags` and `log_metadata` of each call."""
        code = calls.feature * len(ENVIRONMENTS) + calls.environment
        return (code * _TAGGINGS + calls.tagging) * 2 + calls.is_eval

    @property
    def tags(self) -> Choices:
        """JSON of `request_tags` by tag code."""
        return self._of_run("tags", self._tags)

    @property
    def log_metadata(self) -> Choices:
        """JSON of `spend_logs_metadata` by tag code."""
        return self._of_run("log_metadata", self._log_metadata)

    def _of_run(self, name: str, made_by: Callable[..., Any]) -> Choices:
        known = self._by_run.get((name, self.eval_run))
        if known is None:
            known = Choices([to_json(made_by(*item)) for item in self._combinations()])
            self._by_run[name, self.eval_run] = known
        return known

    def _combinations(self) -> Iterator[tuple[int, str, int, bool]]:
        for place in range(len(self.company.features)):
            for environment in ENVIRONMENTS:
                for tagging in range(_TAGGINGS):
                    for is_eval in (False, True):
                        yield place, environment, tagging, is_eval

    def _names(self, place: int, tagging: int) -> tuple[str, str]:
        feature = self.company.features[place]
        team = self.company.teams[feature.team]
        name, shown = team.team_id, feature.feature_id
        if tagging == UNKNOWN_TEAM:
            name = UNKNOWN_TEAM_NAME
        elif tagging == ALIAS:
            name = _ALIASES.get(name, team.team_name)
        elif tagging == OTHER_CASE:
            name = name.upper() if place % 2 else f" {name.title()} "
        elif tagging == UNKNOWN_FEATURE:
            shown = UNKNOWN_FEATURE_NAME
        elif tagging in (UNKNOWN_BOTH, FEATURE_ONLY):
            name, shown = HACK_TEAM_NAME, HACK_FEATURE_NAME
        return name, shown

    def _tags(self, place: int, environment: str, tagging: int, is_eval: bool) -> list[str]:
        feature = self.company.features[place]
        team, name = self._names(place, tagging)
        tags = [f"User-Agent: {agent}" for agent in USER_AGENTS[self.agent[place]]]
        if tagging in (METADATA, UNTAGGED):
            return tags
        own = [f"team:{team}", f"feature:{name}"]
        if tagging == FEATURE_ONLY:
            own = [f"feature:{name}"]
        if tagging == LOUD:
            own = [f"Team:{team}", f"Feature:{name}", f"Env:{environment.title()}", "nightly"]
        elif tagging not in (PARTIAL, FEATURE_ONLY):
            own += [f"project:{feature.project}", f"env:{environment}"]
            if place % 4:
                own.append(f"owner:{feature.owner}")
        if is_eval:
            own += [f"{key}:{value}" for key, value in self._eval(place).items()]
        return own + tags

    def _eval(self, place: int) -> dict[str, str]:
        profile = self.company.features[place].profile
        values = {"purpose": "eval"}
        if profile.eval_scope:
            values["eval_scope"] = profile.eval_scope
            values["eval_suite"] = f"{profile.feature_id}-regression"
            values["eval_run"] = self.eval_run
        return values

    def _log_metadata(
        self, place: int, environment: str, tagging: int, is_eval: bool
    ) -> dict[str, str] | None:
        feature = self.company.features[place]
        team, name = self._names(place, tagging)
        if tagging != METADATA:
            return {"release": "2026.09"} if tagging == TAGS and place % 5 == 0 else None
        values = {
            "team": team,
            "feature": name,
            "project": feature.project,
            "environment": environment,
            "owner": feature.owner,
        }
        if is_eval:
            values |= self._eval(place)
        return values

    @cached_property
    def users(self) -> Choices:
        """User ids; the last is '', for none."""
        return Choices([*self.roster.users, ""])

    @cached_property
    def key_token(self) -> Choices:
        """Hash by key; the last is one that the gateway does not know."""
        return Choices([*(key.token for key in self.company.keys), "0f" * 32])

    @cached_property
    def key_team(self) -> Choices:
        """Gateway team id by key, '' for none."""
        return Choices([*(self._team(key.team)[0] for key in self.company.keys), ""])

    def _team(self, place: int) -> tuple[str, str | None]:
        if place == -1:
            return "", None
        if place == -2:
            return gateway_team_id(ORPHAN_TEAM), ORPHAN_TEAM
        return self.company.teams[place].gateway_id, self.company.teams[place].gateway_alias

    @cached_property
    def key_metadata(self) -> Choices:
        """The part of the metadata that only depends on the key."""
        parts = []
        for key in self.company.keys:
            team_id, alias = self._team(key.team)
            parts.append(_key_part(key.alias, team_id or None, alias, key.user_id or None))
        return Choices([*parts, _key_part(None, None, None, None)])


def _key_part(
    alias: str | None, team_id: str | None, team_alias: str | None, user_id: str | None
) -> str:
    values = {
        "user_api_key_alias": alias,
        "user_api_key_team_id": team_id,
        "user_api_key_user_id": user_id,
        "user_api_key_team_alias": team_alias,
        "user_api_key_project_id": None,
    }
    return to_json(values)[1:-1]
