"""Draws the vector stores' query log: one Parquet table a day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from chargeback.sample.calls import Roster, day_start_ms
from chargeback.sample.shapes import draw_times
from chargeback.sample.text import hex_ids, hex_string, pick, pick_encoded, to_json
from chargeback.sample.trace_writer import Link

OPERATIONS = ("query", "upsert", "fetch", "delete", "rerank", "embed", "storage")
_SHARES = (0.84, 0.07, 0.03, 0.01, 0.02, 0.03)
QUERY, UPSERT, FETCH, DELETE, RERANK, EMBED, STORAGE = range(7)
PINECONE_INDEXES = ("products-v3", "help-centre")
STORED_GB = {"semantic-search": 6, "help-centre-rag": 1}
"""What the indexes of two features keep."""
READ_UNIT_USD, WRITE_UNIT_USD, STORED_GB_USD = 16e-6, 4e-6, 0.33
STORE_KEYS = {
    "products-v3": "vs-larkfield-products-4be1",
    "help-centre": "vs-larkfield-help-centre-93d0",
    "runbooks": "vs-larkfield-runbooks-11fa",
    "contracts": "vs-larkfield-contracts-c702",
    "policies": "vs-larkfield-policies-58ab",
}
"""Keys of the stores in clear: the loader hashes them."""


def draw_retrievals(
    rng: np.random.Generator, roster: Roster, day: date, count: int, links: list[Link]
) -> tuple[pa.Table, float]:
    """Draw a day's queries, those of `links` among them; also the USD of pinecone's units."""
    features = roster.company.features
    indexed = [place for place, item in enumerate(features) if item.profile.index]
    linked = [link for link in links if features[link.feature].profile.index]
    linked = linked[: max(count // 2, 1)]
    rest = max(count - len(linked), 0)
    weights = np.array([roster.weight[place] for place in indexed])
    drawn = rng.choice(indexed, rest, p=weights / weights.sum())
    times = draw_times(rng, roster.schedule[drawn]) + day_start_ms(day)
    feature = np.concatenate([drawn, np.array([link.feature for link in linked], dtype=np.int64)])
    asked_at = np.array([link.start_ms + 90 for link in linked], dtype=np.int64)
    at = np.concatenate([times, asked_at])
    trace = np.concatenate([np.full(rest, -1), np.arange(len(linked))])
    order = np.argsort(at, kind="stable")
    feature, at, trace = feature[order], at[order], trace[order]
    total = len(at)
    operation = np.searchsorted(np.cumsum(_SHARES), rng.random(total), side="right")
    operation = np.where(trace >= 0, QUERY, np.minimum(operation, EMBED))
    names = [features[place].profile.index for place in range(len(features))]
    is_pinecone = np.array([name in PINECONE_INDEXES for name in names])[feature]
    # pgvector neither reranks nor embeds.
    operation = np.where(is_pinecone | (operation < RERANK), operation, QUERY)
    works = rng.random(total) > 0.01
    size = rng.random(total)
    reads = np.isin(operation, (QUERY, FETCH))
    writes = np.isin(operation, (UPSERT, DELETE))
    read_units = np.where(is_pinecone & reads & works, np.rint((1 + 9 * size) * 4) / 4, 0.0)
    write_units = np.where(is_pinecone & writes & works, np.rint((5 + 95 * size) * 2) / 2, 0.0)
    tagged = rng.random(total) > 0.09
    environment = np.where(rng.random(total) < 0.92, 0, 2)
    store_names = list(STORE_KEYS)
    index = np.array([store_names.index(name) if name else 0 for name in names])[feature]
    place = np.where(tagged, feature, len(features))
    teams = [roster.company.teams[item.team].team_id for item in features]
    table = pa.table(
        {
            "query_id": hex_ids(rng, total, 24, "q-"),
            "queried_at": pa.array(at.astype("datetime64[ms]")),
            "store": pick_encoded(["pgvector", "pinecone"], is_pinecone.astype(np.int32)),
            "index_name": pick_encoded(store_names, index),
            "operation": pick_encoded(OPERATIONS, operation),
            "read_units": _where(is_pinecone, read_units),
            "write_units": _where(is_pinecone, write_units),
            "search_units": _where(operation == RERANK, np.ones(total)),
            "result_count": pa.array(np.where(reads & works, rng.integers(1, 21, total), 0)),
            "egress_bytes": pa.array(np.where(works, rng.integers(2_000, 60_000, total), 0)),
            "storage_gb_months": pa.nulls(total, pa.float64()),
            "embed_tokens": _where(operation == EMBED, rng.integers(20, 4_000, total)),
            "model": pick_encoded(
                ["multilingual-e5-large", "bge-reranker-v2-m3", None],
                np.where(operation == EMBED, 0, np.where(operation == RERANK, 1, 2)),
            ),
            "trace_id": pick(
                [*(link.trace_id for link in linked), None], trace % (len(linked) + 1)
            ),
            "status": pick_encoded(["failure", "success"], works.astype(np.int32)),
            "team": pick_encoded([*teams, None], place),
            "feature": pick_encoded([*(item.feature_id for item in features), None], place),
            "project": pick_encoded([*(item.project for item in features), None], place),
            "environment": pick_encoded(["prod", "staging", "dev"], environment),
            "user_id": pick(
                [*(link.user or None for link in linked), None], trace % (len(linked) + 1)
            ),
            "api_key": pick_encoded([STORE_KEYS[name] for name in store_names], index),
            "tags": pick_encoded(_tags(roster), place),
        }
    )
    usd = float(read_units.sum()) * READ_UNIT_USD + float(write_units.sum()) * WRITE_UNIT_USD
    stored, stored_usd = _stored(rng, roster, day, table.schema)
    return pa.concat_tables([table, stored]), usd + stored_usd


def _stored(rng, roster: Roster, day: date, schema: pa.Schema) -> tuple[pa.Table, float]:
    """What the indexes kept on a day: a row an index, in parts of a month; and its USD."""
    days = monthrange(day.year, day.month)[1]
    at = datetime(day.year, day.month, day.day, 23, 59)
    rows = []
    for place, feature in enumerate(roster.company.features):
        if feature.feature_id not in STORED_GB:
            continue
        rows.append(
            {
                "query_id": f"s-{hex_string(rng, 24)}",
                "queried_at": at,
                "store": "pinecone",
                "index_name": feature.profile.index,
                "operation": OPERATIONS[STORAGE],
                "storage_gb_months": round(STORED_GB[feature.feature_id] / days, 6),
                "result_count": 0,
                "egress_bytes": 0,
                "status": "success",
                "team": roster.company.teams[roster.team[place]].team_id,
                "feature": feature.feature_id,
                "project": feature.project,
                "environment": "prod",
                "api_key": STORE_KEYS[feature.profile.index],
                "tags": _tags(roster)[place],
            }
        )
    plain = pa.schema(
        [
            (item.name, item.type.value_type if pa.types.is_dictionary(item.type) else item.type)
            for item in schema
        ]
    )
    table = pa.Table.from_pylist(rows, schema=plain).cast(schema)
    return table, sum(row["storage_gb_months"] for row in rows) * STORED_GB_USD


def _where(keep: np.ndarray, values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=~keep)


def _tags(roster: Roster) -> list[str]:
    tags = [
        to_json([f"owner:{item.owner}", f"project:{item.project}"])
        for item in roster.company.features
    ]
    return [*tags, "[]"]
