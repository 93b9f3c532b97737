"""Events rated a second: dbt's SQL, the query a person would write, genai-prices and LiteLLM.

`CHARGEBACK_SPEED_EVENTS=10000000 pytest -s tests/python/proof/test_speed.py` measures so many
events in one run; without the variable nothing is measured. Both queries rate every event and add
up each day, team and model; the two packages are asked for one event after the other, in Python,
for as many of the same events as `PEER_EVENTS`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC
from statistics import median
from typing import Any

import pytest

from chargeback.prices.book import PriceRow
from proof.by_hand import QUERY
from proof.components import COMPONENTS, genai_usage
from proof.conftest import SEEDS
from proof.litellm_peer import LiteLlm
from proof.names import Model, Names
from proof.warehouse import EVENTS, RATED, RatingWarehouse

pytestmark = pytest.mark.slow
SIZE = int(os.environ.get("CHARGEBACK_SPEED_EVENTS", "0"))
MODELS, PEER_EVENTS, REPEATS = 60, 20_000, 5
FASTER_THAN_PEERS, SLOWER_THAN_BY_HAND = 100, 1.5
TOKENS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def models(
    book: list[PriceRow],
    theirs: Mapping[Model, Any],
    litellm: LiteLlm,
    names: Mapping[Model, Names],
) -> list[Model]:
    """Models that all sides know by the price book's name, with prices of all day."""
    found: dict[Model, set[str]] = {}
    for row in book:
        if row.provider in ("openai", "anthropic", "google") and row.service_tier == "standard":
            found.setdefault((row.provider, row.model), set()).add(row.component)
    usual = [
        model
        for model, components in found.items()
        if {"input", "output"} <= components
        and model in theirs
        and model in litellm.entries
        and model[1] in names[model].models
    ]
    return usual[:: max(len(usual) // MODELS, 1)][:MODELS]


@pytest.mark.skipif(not SIZE, reason="CHARGEBACK_SPEED_EVENTS is not set")
def test_events_a_second(rating: RatingWarehouse, models: list[Model], litellm: LiteLlm) -> None:
    _generate(rating, models)
    place = f"{rating.schema}.{EVENTS}"
    compiled = (
        "select event_date, team_id, provider, model_id, count(*) as event_count, "
        f"sum(list_cost_usd) as list_cost_usd from {rating.schema}.{RATED} group by all"
    )
    by_hand = QUERY.format(seeds=SEEDS, events=place)
    with rating.open() as warehouse:
        run = warehouse.connection.execute
        differing = f"select * from (({compiled}) except ({by_hand}))"
        assert run(f"select count(*) from ({differing})").fetchone() == (0,)
        seconds = {
            "dbt's SQL": _median(lambda: run(compiled).fetchall()),
            "by hand": _median(lambda: run(by_hand).fetchall()),
        }
        rows = run(f"select * from {place} limit {PEER_EVENTS}").to_arrow_table().to_pylist()
    speed = {name: SIZE / value for name, value in seconds.items()}
    speed["genai-prices"] = len(rows) / _timed(lambda: _ask_genai(rows))
    speed["LiteLLM"] = len(rows) / _timed(lambda: _ask_litellm(litellm, rows))
    for name, value in speed.items():
        print(f"| {name} | {value:,.0f} |")
    peer = max(speed["genai-prices"], speed["LiteLLM"])
    ours, hand = speed["dbt's SQL"], speed["by hand"]
    print(f"{ours / peer:,.0f} x the faster package, {hand / ours:.2f} x the time of the query")
    assert ours > FASTER_THAN_PEERS * peer
    assert hand < SLOWER_THAN_BY_HAND * ours


def _generate(rating: RatingWarehouse, models: list[Model]) -> None:
    """Calls of 92 days, 50 teams, with some cached tokens; a few long ones."""
    listed = ", ".join(
        f"({number}, '{provider}', '{model}')" for number, (provider, model) in enumerate(models)
    )
    columns = {
        "provider_name": "provider_name",
        "model_name": "model_name",
        "team_id": "'team-' || (hash(i) % 50)",
        "service_tier": "'standard'",
        "operation": "'chat'",
        "uncached_input_tokens": "hash(i, 1) % if(hash(i, 9) % 100 = 0, 300000, 8000)",
        "cache_read_tokens": "if(hash(i, 2) % 3 = 0, hash(i, 3) % 20000, 0)",
        "cache_write_5m_tokens": "if(hash(i, 4) % 9 = 0, hash(i, 5) % 5000, 0)",
        "cache_write_1h_tokens": "if(hash(i, 4) % 9 = 1, hash(i, 5) % 5000, 0)",
        "output_tokens": "1 + hash(i, 6) % 1500",
        "event_at": "timestamp '2026-08-01' + to_seconds((i * 92 * 86400) // size)",
    }
    picked = ", ".join(f"{value} as {name}" for name, value in columns.items())
    with rating.open() as warehouse:
        warehouse.execute(
            "create or replace temp view generated as "
            f"select *, cast(event_at as date) as event_date from (select {picked} "
            f"from (select i::bigint as i, {SIZE}::bigint as size from range({SIZE}) as r (i)) "
            f"inner join (values {listed}) as models (number, provider_name, model_name) "
            f"on hash(i, 7) % {len(models)} = number)"
        )
        rating.fill(warehouse, "generated", [*columns, "event_date"])
        warehouse.execute("checkpoint")
    rating.resolve()


def _ask_genai(rows: list[Row]) -> None:
    from genai_prices import calc_price

    for row in rows:
        calc_price(
            genai_usage(_quantities(row)),
            row["model_name"],
            provider_id=row["provider_name"],
            genai_request_timestamp=row["event_at"].replace(tzinfo=UTC),
        )


def _ask_litellm(litellm: LiteLlm, rows: list[Row]) -> None:
    for row in rows:
        litellm.cost((row["provider_name"], row["model_name"]), "standard", _quantities(row))


def _quantities(row: Row) -> dict[str, int]:
    return {
        part.name: row[part.columns[0]]
        for part in COMPONENTS
        if part.name in TOKENS and row[part.columns[0]]
    }


def _median(action: Callable[[], Any]) -> float:
    return median(_timed(action) for _ in range(REPEATS))


def _timed(action: Callable[[], Any]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
