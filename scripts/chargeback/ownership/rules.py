"""The ownership rules as the warehouse has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chargeback.warehouse import Warehouse

DIRECTORY = "directory"
_OPEN_FROM = datetime(1970, 1, 1)
_OPEN_TO = datetime(9999, 12, 31)


@dataclass(frozen=True)
class Rule:
    """One rule; `lines` are pairs of what is matched and the pattern, all must hold."""

    rank: int
    rule_id: str
    assign_to: str
    lines: tuple[tuple[str, str], ...]
    valid_from: datetime | None
    valid_to: datetime | None

    @property
    def text(self) -> str:
        """The rule in words: `service nightly-*, environment staging`."""
        lines = ", ".join(
            name if pattern == "*" else f"{name} {pattern}" for name, pattern in self.lines
        )
        if self.valid_from:
            lines += f", from {_moment(self.valid_from)}"
        if self.valid_to:
            lines += f", until {_moment(self.valid_to)}"
        return lines


def read_rules(warehouse: Warehouse) -> list[Rule]:
    """The rules in the order they are tried."""
    schema = warehouse.qualified(f"{warehouse.schema}_intermediate")
    rows = warehouse.query(
        "select rule_rank, rule_id, assign_to, match_on, pattern, valid_from, valid_to "
        f"from {schema}.int_ownership_rules order by rule_rank, match_on, pattern"
    )
    rules: dict[int, Rule] = {}
    for rank, rule_id, assign_to, match_on, pattern, valid_from, valid_to in rows:
        known = rules.get(rank)
        rules[rank] = Rule(
            rank,
            rule_id,
            assign_to,
            (*(known.lines if known else ()), (match_on, pattern)),
            valid_from if valid_from > _OPEN_FROM else None,
            valid_to if valid_to < _OPEN_TO else None,
        )
    return list(rules.values())


def given_by_rule(rules: list[Rule], trail: str) -> dict[int, str]:
    """What each rule that holds gave an event, by rank, from its `ownership_trail`."""
    teams = trail.split("\n")
    return {rule.rank: team for rule, team in zip(rules, teams, strict=False) if team}


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}" if moment.time() == datetime.min.time() else f"{moment:%F %T}"
