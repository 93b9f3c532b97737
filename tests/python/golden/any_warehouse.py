"""A warehouse in which one company after another owns the same calls."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from chargeback.warehouse import open_warehouse
from golden.company import Company as Built
from golden.outcomes import mart_rows, raw_ids
from golden.owners import Company

SEEDS = (
    "teams",
    "team_aliases",
    "features",
    "feature_aliases",
    "internal_tooling",
    "ownership_rules",
)
DIRECTORY = ("stg_directory__users", "stg_directory__api_keys")
MARTS = (
    "fct_usage_events",
    "fct_team_daily_costs",
    "fct_feature_daily_costs",
    "fct_tag_coverage",
    "fct_row_accounts",
    "dim_teams",
)
PACKAGE = "llm_chargeback"


class AnyWarehouse:
    """Built once; `become` changes the owners and builds what depends on them."""

    def __init__(self, built: Built) -> None:
        self.built = built
        built.build("--select", *(f"+{mart}" for mart in MARTS))
        #: The marts of the company of `seeds/`, before any other.
        self.before = self.marts()

    def become(self, company: Company) -> None:
        """Replace the seeds and the directory, and build."""
        for name, rows in _seeds(company).items():
            folder = "reference" if name == "internal_tooling" else "company"
            _write(self.built.root / "seeds" / folder / f"{name}.csv", rows)
        with open_warehouse(self.built.project) as warehouse:
            raw = f'"{warehouse.raw_schema}"'
            for table, column, members in (
                ("directory_users", "user_id", company.users),
                ("directory_api_keys", "api_key", company.keys),
            ):
                warehouse.execute(f"delete from {raw}.{table}")
                for line, row in enumerate(members, start=1):
                    warehouse.execute(
                        f"insert into {raw}.{table}"
                        f" ({column}, team_id, valid_from, valid_to, _load_id, _line_number)"
                        " values (?, ?, ?, ?, 1, ?)",
                        [row.who, row.team, row.valid.start, row.valid.end, line],
                    )
        self.built.build("--full-refresh", "--select", *SEEDS, *self._models)

    def marts(self) -> dict[str, list[dict[str, Any]]]:
        """Rows of the marts."""
        with open_warehouse(self.built.project, read_only=True) as warehouse:
            return {mart: mart_rows(warehouse, mart) for mart in MARTS}

    def raw_places(self) -> dict[tuple[str, int, int], tuple[str, str]]:
        """Source and id there of each raw row, by source, load and line."""
        with open_warehouse(self.built.project, read_only=True) as warehouse:
            return {place: (place[0], name) for place, name in raw_ids(warehouse).items()}

    @cached_property
    def _models(self) -> Sequence[str]:
        """Models between the company and the marts. Views too: rules are compiled into them."""
        manifest = self.built.manifest
        nodes = manifest.nodes
        below = _reached(_ids(nodes, {*SEEDS, *DIRECTORY}), manifest.child_map)
        above = _reached(_ids(nodes, set(MARTS)), manifest.parent_map)
        return sorted(
            nodes[name].name
            for name in below & above
            if name in nodes and nodes[name].resource_type == "model"
        )


def _seeds(company: Company) -> dict[str, list[dict[str, object]]]:
    """Rows by seed; columns that are not here stay empty."""

    def day(moment: datetime | None) -> str:
        return f"{moment:%Y-%m-%d}" if moment else ""

    return {
        "teams": [
            {
                "team_id": team.team_id,
                "team_name": team.name,
                "mode": "showback",
                "department": "Animals",
                "cost_center": f"CC-{team.team_id}",
                "owner": f"{team.team_id}@any.example",
                "is_platform": str(team.is_platform).lower(),
                "valid_from": day(team.open.start),
                "valid_to": day(team.open.end),
            }
            for team in company.teams
        ],
        "team_aliases": [
            {"alias": alias, "team_id": team} for alias, team in company.team_aliases.items()
        ],
        "features": [
            {
                "feature_id": row.who,
                "feature_name": f"Feature {row.who}",
                "team_id": row.team,
                "project": "any",
                "product": "Any",
                "valid_from": day(row.valid.start),
                "valid_to": day(row.valid.end),
            }
            for row in company.features
        ],
        "feature_aliases": [
            {"alias": alias, "feature_id": feature}
            for alias, feature in company.feature_aliases.items()
        ],
        "internal_tooling": [
            {"match_on": match_on, "pattern": pattern}
            for match_on, pattern in sorted(company.tooling)
        ],
        "ownership_rules": [
            {
                "rule_id": rule.rule_id,
                "priority": rule.priority,
                "match_on": line.match_on,
                "pattern": line.pattern,
                "assign_to": rule.assign_to,
                "valid_from": rule.valid.start,
                "valid_to": rule.valid.end,
            }
            for rule in company.own_rules
            for line in rule.lines
        ],
    }


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    """Replace the rows of a seed; the header stays."""
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _ids(nodes: dict[str, Any], names: set[str]) -> set[str]:
    found = {
        key for key, node in nodes.items() if node.package_name == PACKAGE and node.name in names
    }
    assert len(found) == len(names), f"not all of {sorted(names)} are there"
    return found


def _reached(start: Iterable[str], edges: dict[str, list[str]]) -> set[str]:
    found = set(start)
    new = set(found)
    while new:
        new = {end for node in new for end in edges.get(node, ())} - found
        found |= new
    return found
