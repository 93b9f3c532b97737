"""Who works at Larkfield: teams and features from the seeds; people and API keys made up here."""

from __future__ import annotations

import csv
import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

import numpy as np

from chargeback.errors import ChargebackError
from chargeback.sample.profiles import PROFILES, Profile

DOMAIN = "larkfield.example"
PEOPLE = 400
MOVES = 14
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, DOMAIN)
_FIRST = (
    "Ada", "Amir", "Anya", "Arjun", "Bea", "Carlos", "Chen", "Clara", "Dina", "Elias", "Elena",
    "Farid", "Femi", "Freya", "Gita", "Hugo", "Ibrahim", "Ida", "Jamal", "Jana", "Kaito", "Kemal",
    "Lara", "Leo", "Lena", "Luca", "Maja", "Malik", "Mei", "Mina", "Nico", "Nora", "Omar", "Paula",
    "Quentin", "Rania", "Rosa", "Samir", "Silvia", "Theo", "Tove", "Uma", "Vera", "Viktor", "Wen",
    "Yara", "Zoe", "Zuri",
)  # fmt: skip
_LAST = (
    "Abe", "Baker", "Becker", "Bello", "Castro", "Costa", "Dahl", "Diaz", "Eriksen", "Fischer",
    "Fontaine", "Garcia", "Gupta", "Haas", "Hansen", "Ito", "Jansen", "Kaya", "Keller", "Khan",
    "Kowalski", "Larsen", "Lopez", "Meyer", "Moreau", "Mwangi", "Nakamura", "Nguyen", "Okoye",
    "Olsen", "Ortiz", "Park", "Patel", "Popescu", "Rossi", "Ruiz", "Saleh", "Schmidt", "Silva",
    "Suzuki", "Tran", "Vasquez", "Wagner", "Weber", "Wong", "Yilmaz", "Zhang",
)  # fmt: skip
TEAM_SIZES = {
    "developer-experience": 34, "support-operations": 46, "customer-success": 30, "checkout": 28,
    "support-automation": 18, "sales-development": 36, "content-studio": 22,
}  # fmt: skip


@dataclass(frozen=True)
class Team:
    """One team; `gateway_id` and `gateway_alias` are its id and name in the gateway."""

    team_id: str
    team_name: str
    department: str
    cost_center: str
    owner: str
    is_platform: bool
    gateway_id: str
    gateway_alias: str


@dataclass(frozen=True)
class Feature:
    """One feature and its traffic; `team` is the place of its owner in `Company.teams`."""

    feature_id: str
    team: int
    project: str
    owner: str
    profile: Profile


@dataclass(frozen=True)
class Stay:
    """One person in one team for a while; `valid_to` is None while it lasts."""

    user_id: str
    user_name: str
    team: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Key:
    """One gateway key. `token` is the hash the gateway logs; -1 stands for no team or no user."""

    token: str
    alias: str
    team: int
    user_id: str
    service_account: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True)
class Company:
    """Everybody and everything that calls can belong to."""

    teams: list[Team]
    features: list[Feature]
    stays: list[Stay]
    keys: list[Key]
    key_moves: list[Key] = field(default_factory=list)
    """Personal keys that moved with their owner: the part of their life in the second team."""

    def members_on(self, day: date) -> list[list[str]]:
        """User ids by team on one day."""
        members: list[list[str]] = [[] for _ in self.teams]
        for stay in self.stays:
            if stay.valid_from <= day and (stay.valid_to is None or day < stay.valid_to):
                members[stay.team].append(stay.user_id)
        return members


OLD_NAMES = {"content-studio": "copy-desk", "developer-experience": "devex"}
"""Teams that the gateway still knows under an old name."""
ORPHAN_TEAM = "innovation-lab"
"""A gateway team that the company's list of teams does not have."""


def build_company(root: Path, seed: int) -> Company:
    """Build the company from seeds/company and a seed.

    Raises ChargebackError when the seeds are not the sample company's.
    """
    teams = [_team(row) for row in _read(root, "teams")]
    places = {team.team_id: place for place, team in enumerate(teams)}
    rows = {row["feature_id"]: row for row in _read(root, "features")}
    missing = [item.feature_id for item in PROFILES if item.feature_id not in rows]
    if missing:
        raise ChargebackError(
            f"seeds/company/features.csv has no feature {missing[0]!r}: the sample needs the "
            "seeds it was shipped with (your own company needs your own logs)"
        )
    features = []
    for profile in PROFILES:
        row = rows[profile.feature_id]
        if row["team_id"] not in places:
            raise ChargebackError(
                f"seeds/company/features.csv: {profile.feature_id} belongs to the unknown team "
                f"{row['team_id']!r}"
            )
        team = places[row["team_id"]]
        owner = teams[team].owner
        features.append(Feature(profile.feature_id, team, row["project"], owner, profile))
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1])))
    stays = _people(rng, teams)
    keys, moved = _keys(rng, teams, features, stays)
    return Company(teams, features, stays, keys, moved)


def _read(root: Path, name: str) -> list[dict[str, str]]:
    path = root / "seeds" / "company" / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    except OSError as error:
        raise ChargebackError(f"cannot read {path}: {error.strerror}") from error


def _team(row: dict[str, str]) -> Team:
    alias = OLD_NAMES.get(row["team_id"], row["team_name"])
    return Team(
        row["team_id"], row["team_name"], row["department"], row["cost_center"], row["owner"],
        row["is_platform"].lower() == "true", gateway_team_id(row["team_id"]), alias,
    )  # fmt: skip


def gateway_team_id(team_id: str) -> str:
    """Id that the gateway gave a team."""
    return str(uuid.uuid5(_NAMESPACE, f"team:{team_id}"))


def _people(rng: np.random.Generator, teams: list[Team]) -> list[Stay]:
    sizes = np.array([TEAM_SIZES.get(team.team_id, 14) for team in teams], dtype=float)
    counts = np.floor(sizes / sizes.sum() * PEOPLE).astype(int)
    counts[: PEOPLE - counts.sum()] += 1
    home = np.repeat(np.arange(len(teams)), counts)
    stays: list[Stay] = []
    movers = set(rng.choice(PEOPLE, MOVES, replace=False).tolist())
    leavers = set(rng.choice(PEOPLE, 9, replace=False).tolist()) - movers
    starts = [date(2023, 1, 2), date(2024, 2, 1), date(2025, 3, 3), date(2025, 11, 3)]
    for person in range(PEOPLE):
        first = _FIRST[(person * 7) % len(_FIRST)]
        last = _LAST[(person * 11 + person // len(_FIRST)) % len(_LAST)]
        user_id, name = f"usr-{person + 1:04d}", f"{first} {last}"
        team, joined = int(home[person]), starts[int(rng.integers(0, len(starts)))]
        moment = date(2026, 8, 17).toordinal() + int(rng.integers(0, 60))
        until = date.fromordinal(moment) if person in movers | leavers else None
        if person % 57 == 56:
            joined = date(2026, 9, 1)
        if until and joined >= until:
            until = None
        stays.append(Stay(user_id, name, team, joined, until))
        if person in movers and until:
            other = (team + 1 + int(rng.integers(0, len(teams) - 1))) % len(teams)
            stays.append(Stay(user_id, name, other, until, None))
    return stays


def _token(text: str) -> str:
    return hashlib.sha256(f"{DOMAIN}:{text}".encode()).hexdigest()


def _keys(
    rng: np.random.Generator, teams: list[Team], features: list[Feature], stays: list[Stay]
) -> tuple[list[Key], list[Key]]:
    since = date(2024, 4, 1)
    keys = []
    for place, team in enumerate(teams):
        for stage in ("prod", "dev"):
            alias = f"{team.team_id}-{stage}"
            keys.append(Key(_token(alias), alias, place, "", f"svc-{alias}", since))
    for feature in features:
        if feature.profile.weight >= 3:
            alias = f"{feature.feature_id}-service"
            keys.append(
                Key(_token(alias), alias, feature.team, "", f"svc-{feature.feature_id}", since)
            )
    keys.append(Key(_token("hack-week"), "hack-week", -1, "", "", since))
    keys.append(Key(_token(ORPHAN_TEAM), ORPHAN_TEAM, -2, "", "", since))
    moved = []
    chosen = rng.random(len(stays)) < 0.3
    first_stay = {}
    for place, stay in enumerate(stays):
        alias = f"personal-{stay.user_id}"
        if stay.user_id in first_stay:
            if first_stay[stay.user_id]:
                moved.append(
                    Key(_token(alias), alias, stay.team, stay.user_id, "", stay.valid_from)
                )
            continue
        first_stay[stay.user_id] = bool(chosen[place]) or stay.valid_to is not None
        if first_stay[stay.user_id]:
            begins = max(since, stay.valid_from)
            keys.append(
                Key(_token(alias), alias, stay.team, stay.user_id, "", begins, stay.valid_to)
            )
    return keys, moved


def at_midnight(day: date | None) -> datetime | None:
    """Start of a day (UTC), or None."""
    return datetime.combine(day, time()) if day else None
