"""Why an event is whose it is: its records, what each rule gave them, and which one won."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from chargeback.errors import ChargebackError
from chargeback.ownership.rules import Rule, given_by_rule, read_rules
from chargeback.warehouse import Warehouse

LOOKED_AT = {
    "team_tag": ("team_tag",),
    "feature_tag": ("feature_tag",),
    "project_tag": ("project_tag",),
    "environment": ("environment_tag",),
    "owner_tag": ("owner_tag",),
    "purpose": ("purpose",),
    "eval_scope": ("eval_scope",),
    "api_key": ("api_key_alias", "api_key_id", "key_team_tag"),
    "user": ("user_id",),
    "service": ("service_name",),
    "model": ("model_name", "model_alternative_name"),
    "provider": ("provider_name",),
    "source": ("source_name",),
    "operation": ("operation",),
    "internal_tooling": ("api_key_id", "service_name"),
    "trace_ancestor": ("ancestor_team_id",),
    "trace_any": ("trace_team_id",),
    "tag": ("tag_list",),
}
"""Columns of an event that a line of a rule looks at."""
_HASH = re.compile("[0-9a-f]{64}")
_INHERITED = {"feature_tag": "is_feature_inherited", "user": "is_user_inherited"}


@dataclass(frozen=True)
class Record:
    """One row of a source that tells the event; `gives` is the team by rank of rule."""

    source_name: str
    source_event_id: str
    values: dict[str, Any]
    gives: dict[int, str]
    rule_id: str | None
    team_id: str

    def seen(self, match_on: str) -> str:
        """What a line of a rule finds in this record, in words."""
        if match_on in _INHERITED and self.values.get(_INHERITED[match_on]):
            return "only from its trace"
        kind = "tag" if match_on.startswith("tag:") else match_on
        found = [
            _short(str(self.values[column]))
            for column in LOOKED_AT.get(kind, ())
            if self.values.get(column)
        ]
        return ", ".join(dict.fromkeys(found)) or "nothing"


@dataclass(frozen=True)
class Explanation:
    """An event, its owner, the rules, and its records."""

    event_id: str
    event_at: datetime
    team_id: str
    attribution_method: str
    rule_id: str | None
    feature_id: str
    model_id: str
    list_cost_usd: Decimal | None
    rules: list[Rule]
    records: list[Record]


def explain_event(warehouse: Warehouse, name: str) -> Explanation:
    """Explain one event, by its `event_id` or by the id that its source gave it.

    Raises ChargebackError when no event goes by the name, or several do.
    """
    event_id = _find(warehouse, name)
    middle = warehouse.qualified(f"{warehouse.schema}_intermediate")
    [event] = warehouse.query(
        "select event_at, team_id, attribution_method, ownership_rule_id, feature_id, model_id, "
        f"list_cost_usd from {warehouse.qualified(warehouse.schema)}.fct_usage_events "
        f"where event_id = cast('{event_id}' as uuid)"
    )
    rules = read_rules(warehouse)
    places = warehouse.query(
        f"select source_name, load_id, line_number from {middle}.int_usage_events_recorded "
        f"where event_id = cast('{event_id}' as uuid) and reject_reason is null "
        "order by source_precedence, load_id, line_number"
    )
    records = [_record(warehouse, middle, rules, *place) for place in places]
    return Explanation(event_id, *event, rules, records)


def _find(warehouse: Warehouse, name: str) -> str:
    marts = warehouse.qualified(warehouse.schema)
    try:
        event_id = str(uuid.UUID(name))
    except ValueError:
        event_id = None
    if event_id and warehouse.query(
        f"select 1 from {marts}.fct_usage_events where event_id = cast('{event_id}' as uuid)"
    ):
        return event_id
    found = warehouse.query(
        f"select distinct events.event_id from {marts}.fct_usage_events as events "
        f"inner join {warehouse.qualified(f'{warehouse.schema}_intermediate')}"
        ".int_usage_events_unioned as unioned on events.event_id = unioned.event_id "
        "where unioned.source_event_id = ?",
        [name],
    )
    if not found:
        raise ChargebackError(
            f"no event {name!r}: give an event_id of fct_usage_events, or the id its source gave "
            "it (rejected rows are in fct_rejected_events)"
        )
    if len(found) > 1:
        ids = ", ".join(sorted(str(row[0]) for row in found))
        raise ChargebackError(f"several events go by {name!r}: {ids}")
    return str(found[0][0])


def _record(
    warehouse: Warehouse,
    schema: str,
    rules: list[Rule],
    source_name: str,
    load_id: int,
    line_number: int,
) -> Record:
    place = "where source_name = ? and load_id = ? and line_number = ?"
    params = [source_name, load_id, line_number]
    columns = sorted(
        {name for names in LOOKED_AT.values() for name in names} | set(_INHERITED.values())
    )
    [values] = warehouse.query(
        f"select source_event_id, {', '.join(columns)} "
        f"from {schema}.int_usage_events_metered {place}",
        params,
    )
    [(trail, rule_id, team_id)] = warehouse.query(
        "select ownership_trail, ownership_rule_id, team_id "
        f"from {schema}.int_usage_events_attributed {place}",
        params,
    )
    return Record(
        source_name,
        values[0],
        dict(zip(columns, values[1:], strict=True)),
        given_by_rule(rules, trail),
        rule_id,
        team_id,
    )


def _short(text: str) -> str:
    """The hash of a key by its first digits, everything else as it is."""
    return f"{text[:12]}..." if _HASH.fullmatch(text) else text
