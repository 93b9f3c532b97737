"""The examples of the seed `ownership_examples`, as the rules of today answer them."""

from __future__ import annotations

from dataclasses import dataclass

from chargeback.warehouse import Warehouse

EXAMPLES = "int_ownership_examples_attributed"


@dataclass(frozen=True)
class Example:
    """One example; `trail` is what each rule gave, see `ownership.rules.given_by_rule`."""

    name: str
    team_id: str
    rule_id: str | None
    expected_team_id: str
    expected_rule_id: str | None
    is_as_expected: bool
    trail: str


def read_examples(warehouse: Warehouse) -> list[Example]:
    """All examples, those that fail first."""
    schema = warehouse.qualified(f"{warehouse.schema}_intermediate")
    rows = warehouse.query(
        "select example, team_id, ownership_rule_id, expected_team_id, expected_rule_id, "
        f"is_as_expected, ownership_trail from {schema}.{EXAMPLES} "
        "order by is_as_expected, example"
    )
    return [Example(*row) for row in rows]
