"""The tables that change rarely: the gateway's teams, keys and users, and the directory."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from chargeback.sample.company import ORPHAN_TEAM, Company, Key, at_midnight, gateway_team_id
from chargeback.sample.retrieval import STORE_KEYS

_SINCE = datetime(2024, 4, 1, 8, 0)
_TEAM_REST = {
    "max_budget": None, "spend": 0.0, "models": [], "max_parallel_requests": None,
    "tpm_limit": None, "rpm_limit": None, "budget_duration": None, "budget_reset_at": None,
    "blocked": False, "model_spend": {}, "model_max_budget": {},
}  # fmt: skip
_STORE_TEAMS = {
    "products-v3": "search-discovery", "help-centre": "support-automation",
    "runbooks": "site-reliability", "contracts": "legal-review", "policies": "people-operations",
}  # fmt: skip
SEAT_TEAMS = ("developer-experience", "data-science", "sales-engineering", "legal-review")
SEAT_PRICES = {"assistant-team": 30, "assistant-enterprise": 60}
"""USD per seat and month by plan."""


def write_tables(company: Company, out: Path) -> list[Path]:
    """Write all tables under `out`; returns their paths."""
    written = [
        _write_lines(out / "litellm" / "LiteLLM_TeamTable.jsonl", _teams(company)),
        _write_lines(out / "litellm" / "LiteLLM_VerificationToken.jsonl", _keys(company)),
        _write_lines(out / "litellm" / "LiteLLM_UserTable.jsonl", _users(company)),
    ]
    directory = out / "directory"
    written.append(
        write_csv(
            directory / "users.csv",
            ["user_id", "user_name", "team_id", "valid_from", "valid_to"],
            [
                [
                    stay.user_id, stay.user_name, company.teams[stay.team].team_id,
                    _day(stay.valid_from), _day(stay.valid_to),
                ]
                for stay in company.stays
            ],
        )
    )  # fmt: skip
    written.append(
        write_csv(
            directory / "api_keys.csv",
            ["api_key", "key_alias", "team_id", "user_id", "service_account", "valid_from",
             "valid_to"],
            _directory_keys(company),
        )
    )  # fmt: skip
    written.append(
        write_csv(
            directory / "seats.csv",
            ["user_id", "team_id", "seat_plan", "valid_from", "valid_to"],
            seats(company),
        )
    )
    return written


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def write_csv(path: Path, header: list[str], rows: list[list[Any]]) -> Path:
    """Write a CSV file with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _day(day: date | None) -> str:
    moment = at_midnight(day)
    return moment.isoformat(sep=" ") if moment else ""


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _teams(company: Company) -> list[dict[str, Any]]:
    known = [
        (
            team.gateway_id,
            team.gateway_alias,
            {"owner": team.owner, "cost_center": team.cost_center},
        )
        for team in company.teams
    ]
    known.append((gateway_team_id(ORPHAN_TEAM), ORPHAN_TEAM, {}))
    return [
        {
            "team_id": team_id,
            "team_alias": alias,
            "organization_id": None,
            "admins": [],
            "members": [],
            "members_with_roles": [],
            "metadata": metadata,
            **_TEAM_REST,
            "created_at": _stamp(_SINCE),
            "updated_at": _stamp(_SINCE),
        }
        for team_id, alias, metadata in known
    ]


def _keys(company: Company) -> list[dict[str, Any]]:
    rows = []
    for key in company.keys:
        team_id = None
        if key.team >= 0:
            team_id = company.teams[key.team].gateway_id
        elif key.team == -2:
            team_id = gateway_team_id(ORPHAN_TEAM)
        rows.append(
            {
                "token": key.token,
                "key_name": f"sk-...{key.token[-4:]}",
                "key_alias": key.alias,
                "spend": 0.0,
                "expires": None,
                "models": [],
                "user_id": key.user_id or None,
                "team_id": team_id,
                "metadata": {},
                "blocked": None,
                "created_at": _stamp(datetime.combine(key.valid_from, _SINCE.time())),
                "updated_at": _stamp(datetime.combine(key.valid_from, _SINCE.time())),
                "project_id": None,
                "organization_id": None,
            }
        )
    return rows


def _users(company: Company) -> list[dict[str, Any]]:
    rows = {}
    for stay in company.stays:
        team = company.teams[stay.team]
        rows[stay.user_id] = {
            "user_id": stay.user_id,
            "user_alias": None,
            "team_id": None,
            "sso_user_id": None,
            "organization_id": None,
            "teams": [team.gateway_id],
            "user_role": "internal_user",
            "max_budget": None,
            "spend": 0.0,
            "user_email": f"{stay.user_name.lower().replace(' ', '.')}@larkfield.example",
            "models": [],
            "metadata": {},
            "created_at": _stamp(_SINCE),
            "updated_at": _stamp(_SINCE),
        }
    return list(rows.values())


def _directory_keys(company: Company) -> list[list[str]]:
    rows = []
    for key in [*company.keys, *company.key_moves]:
        team_id = company.teams[key.team].team_id if key.team >= 0 else ""
        if key.team == -2:
            continue
        rows.append(_key_row(key, team_id))
    since = _day(date(2024, 4, 1))
    for name, store_key in STORE_KEYS.items():
        team_id = _STORE_TEAMS[name]
        rows.append([store_key, f"store-{name}", team_id, "", f"svc-{name}", since, ""])
    return rows


def _key_row(key: Key, team_id: str) -> list[str]:
    return [
        key.token, key.alias, team_id, key.user_id, key.service_account, _day(key.valid_from),
        _day(key.valid_to),
    ]  # fmt: skip


def seats(company: Company) -> list[list[str]]:
    """Seats of the assistant product: one row per person, team and plan."""
    rows = []
    for place, stay in enumerate(company.stays):
        team_id = company.teams[stay.team].team_id
        if team_id in SEAT_TEAMS or place % 5 == 0:
            plan = "assistant-enterprise" if team_id in SEAT_TEAMS else "assistant-team"
            rows.append([stay.user_id, team_id, plan, _day(stay.valid_from), _day(stay.valid_to)])
    return rows
