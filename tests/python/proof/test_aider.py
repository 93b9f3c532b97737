"""The costs that aider recorded for its calls, each beside what dbt says, and why they differ.

The log is not part of the project: `CHARGEBACK_AIDER_LOG` names its Parquet file (one row a
`message_send` of aider's public analytics). It has no cache counts and no provider. Aider took its
costs from LiteLLM's price map of that day; `total_cost` is a running total, so `cost` is compared.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from chargeback.prices.book import PriceRow
from prices.lookup import prices_at
from proof.warehouse import Rated, RatingWarehouse

pytestmark = pytest.mark.slow
LOG = "CHARGEBACK_AIDER_LOG"
CLOSE = Decimal("5E-13")
MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class PastPrice:
    """Prices of a model until a day, USD a million tokens, that no source of the book has kept."""

    model: str
    until: date
    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None


def _past(model: str, until: str, *prices: str) -> PastPrice:
    return PastPrice(model, date.fromisoformat(until), *map(Decimal, prices))


#: As LiteLLM's map had them then; 1.05 for Gemini's output is a slip in it. DeepSeek's promotion
#: ended on 2025-02-08; its nightly discount began on 2025-02-26 and was never in that map; the book
#: has it without dates.
PAST = (
    _past("deepseek/deepseek-chat", "2025-02-10", "0.14", "0.28", "0.014"),
    _past("deepseek/deepseek-chat", "2025-12-31", "0.27", "1.10", "0.07"),
    _past("deepseek/deepseek-reasoner", "2025-12-31", "0.55", "2.19", "0.14"),
    _past("anthropic/claude-3-5-haiku-latest", "2025-12-31", "1", "5", "0.1", "1.25"),
    _past("aws/regional.anthropic.claude-3-5-haiku-20241022-v1:0", "2025-12-31", "1", "5"),
    _past("fireworks/accounts/fireworks/models/deepseek-r1", "2025-12-31", "8", "8"),
    _past("google/gemini-1.5-pro", "2025-12-31", "3.5", "10.5"),
    _past("google/gemini-1.5-pro", "2025-12-31", "3.5", "1.05"),
    _past("google/gemini-pro", "2025-12-31", "0.35", "1.05"),
    _past("mistral/codestral", "2025-12-31", "1", "3"),
)


@dataclass(frozen=True)
class Call:
    """One row of the log, what dbt says about it, and the book's prices at its time."""

    row: dict[str, Any]
    rated: Rated
    prices: dict[str, PriceRow]
    is_repeated: bool

    @property
    def cost(self) -> Decimal:
        """USD as recorded; the file has binary floats."""
        return Decimal(repr(self.row["cost"]))

    @property
    def model(self) -> str:
        """Model as logged."""
        return self.row["main_model"] or ""

    @property
    def past(self) -> list[PastPrice]:
        """Prices of that day, where the book has lost them."""
        name = f"{self.rated.provider}/{self.rated.model_id}"
        day = self.row["ts_utc"].date()
        return [price for price in PAST if price.model == name and day < price.until]

    def at(self, price_in: Decimal, price_out: Decimal) -> Decimal:
        """The cost at two prices a million tokens."""
        tokens_in, tokens_out = self.row["prompt_tokens"], self.row["completion_tokens"]
        return (tokens_in * price_in + tokens_out * price_out) / MILLION


@dataclass(frozen=True)
class Anomaly:
    """A known reason why a recorded cost is not what the call cost."""

    name: str
    reason: str
    holds: Callable[[Call], bool]


def _is_past_price(call: Call) -> bool:
    return any(_is_same(call.cost, call.at(past.input, past.output)) for past in call.past)


def _is_cached(call: Call) -> bool:
    """Whether the cost lies between all input read from the cache, and all written to it."""
    ranges = [
        (past.cache_read, past.cache_write or past.input, past.output)
        for past in call.past
        if past.cache_read is not None
    ]
    prices = {name: row.price for name, row in call.prices.items()}
    if not ranges and "cache_read" in prices:
        write = prices.get("cache_write_5m", prices["input"])
        ranges = [(prices["cache_read"], write, prices["output"])]
    return any(
        call.at(read, output) <= call.cost <= call.at(write, output)
        for read, write, output in ranges
    )


def _is_cached_twice(call: Call) -> bool:
    return any(
        call.at(past.input, past.output)
        <= call.cost
        <= call.at(past.input + past.cache_read, past.output)
        for past in call.past
        if past.cache_read is not None
    )


ANOMALIES = (
    Anomaly("repeated row", "the same row is in the log before", lambda call: call.is_repeated),
    Anomaly(
        "redacted model",
        "aider sends names it does not know as */REDACTED",
        lambda call: call.model.endswith("/REDACTED"),
    ),
    Anomaly("no model", "the model is None", lambda call: call.model in ("", "None")),
    Anomaly(
        "reseller",
        "OpenRouter, GitHub, LM Studio: the price book leaves them out",
        lambda call: call.model.split("/", 1)[0] in ("openrouter", "github", "lm_studio"),
    ),
    Anomaly(
        "unknown model",
        "the price book does not have it, so dbt has no price",
        lambda call: call.rated.cost is None,
    ),
    Anomaly(
        "recorded as free",
        "experimental models of Google that cost nothing then, or had no price in aider",
        lambda call: call.cost == 0,
    ),
    Anomaly(
        "absurd",
        "the recorded cost is more than a thousand times any price",
        lambda call: call.cost > 1000 * (call.rated.cost or 0),
    ),
    Anomaly(
        "past price",
        "LiteLLM's price of that day, exactly; the sources of the book have only a later one",
        _is_past_price,
    ),
    Anomaly(
        "cache not recorded",
        "the cost lies between all input cached and none (or written): the counts were not logged",
        _is_cached,
    ),
    Anomaly(
        "cached counted twice",
        "LiteLLM of those days billed DeepSeek's cached tokens as input and again as cached",
        _is_cached_twice,
    ),
)


@pytest.fixture(scope="module")
def calls(rating: RatingWarehouse, book: list[PriceRow]) -> list[Call]:
    """Every row of the log, rated by dbt."""
    path = os.environ.get(LOG)
    if not path:
        pytest.skip(f"no log: {LOG} is not set")
    import pyarrow.parquet as pq

    rows = pq.read_table(path).to_pylist()
    rated = rating.rate(_event(number, row) for number, row in enumerate(rows))
    cards: dict[tuple[str, str], list[PriceRow]] = {}
    for price in book:
        if not price.region and price.service_tier == "standard":
            cards.setdefault((price.provider, price.model), []).append(price)
    seen = set()
    calls = []
    for number, row in enumerate(rows):
        result = rated[number]
        at: datetime = row["ts_utc"]
        prices = prices_at(
            cards.get((result.provider, result.model_id), []), at, row["prompt_tokens"]
        )
        key = tuple(row.values())
        calls.append(Call(row, result, prices, key in seen))
        seen.add(key)
    return calls


def test_every_recorded_cost_is_explained(calls: list[Call]) -> None:
    found: Counter[str] = Counter()
    money: Counter[str] = Counter()
    unexplained = []
    for call in calls:
        name = _explain(call)
        found[name] += 1
        money[name] += call.cost
        if name == "unexplained":
            unexplained.append(call)
    for name, count in found.most_common():
        print(f"| {name} | {count} | {money[name]:.2f} |")
    for call in unexplained:
        print(call.row, call.rated)
    assert found["agree"] > len(calls) / 2
    assert len(unexplained) < len(calls) / 20


def _explain(call: Call) -> str:
    if call.rated.cost is not None and _is_same(call.cost, call.rated.cost):
        return "agree"
    return next((item.name for item in ANOMALIES if item.holds(call)), "unexplained")


def _is_same(recorded: Decimal, cost: Decimal) -> bool:
    return abs(recorded - cost) <= CLOSE


def _event(number: int, row: dict[str, Any]) -> dict[str, Any]:
    """The row as an event; a name without a provider is of the maker that it begins with."""
    name = row["main_model"] or ""
    makers = {"claude": "anthropic", "gemini": "google"}
    maker = next((who for begin, who in makers.items() if name.startswith(begin)), "openai")
    return {
        "line_number": number,
        "provider_name": "" if "/" in name else maker,
        "model_name": name.lower() or None,
        "service_tier": "standard",
        "operation": "chat",
        "event_at": row["ts_utc"],
        "uncached_input_tokens": row["prompt_tokens"],
        "output_tokens": row["completion_tokens"],
    }
