"""Where dbt and LiteLLM's calculator differ, and why: every row falls in a class.

LiteLLM bills today's prices in binary floats. A row agrees when both costs are the same to 12
decimals, or to 12 digits where the cost is so large that a float has no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

import pytest

from chargeback.prices.book import FALLBACKS, CardKey, PriceRow
from chargeback.prices.litellm_map import Cell
from prices.lookup import prices_at
from proof.litellm_peer import CALCULATED, Entry, LiteLlm
from proof.requests import Request
from proof.warehouse import Rated

pytestmark = pytest.mark.slow
CLOSE, CLOSE_SHARE = Decimal("5E-13"), Decimal("1E-12")
READ_APART = ("cache_read_audio", "cache_read_image")
CACHE = ("cache_read", "cache_write_5m", "cache_write_1h", *READ_APART)


@dataclass(frozen=True)
class Compared:
    """One request with both costs, LiteLLM's entry for its model, and today's prices of ours."""

    request: Request
    ours: Decimal | None
    theirs: Decimal | None
    entry: Entry | None
    today: dict[str, PriceRow]

    @property
    def provider(self) -> str:
        """Provider, in the price book's words."""
        return self.request.card[0]

    @property
    def tier(self) -> str:
        """Service tier."""
        return self.request.card[3]

    def has(self, *components: str) -> bool:
        """Whether the request has some of one of the components."""
        return not self.request.quantities.keys().isdisjoint(components)

    @property
    def threshold(self) -> int:
        """Least input of our prices of today."""
        return max((row.min_input_tokens for row in self.today.values()), default=0)

    @property
    def their_threshold(self) -> int:
        """Least input of the map's prices, of the tier or of standard."""
        total = self.request.total_input
        is_xai = self.request.card[0] == "x-ai"
        return max(
            minimum
            for tier, minimum, _ in self.offered | {("standard", 0, ""): Decimal(0)}
            if tier in (self.tier, "standard")
            and (total > minimum or (is_xai and total == minimum) or not minimum)
        )

    @property
    def offered(self) -> dict[Cell, Decimal]:
        """The map's prices of the model."""
        return self.entry.offer.prices if self.entry else {}

    def pairs(self) -> Iterator[tuple[PriceRow, Decimal | None]]:
        """Our row and the map's price of each component that the request pays, a fee included."""
        for component in (*self.request.quantities, "request"):
            for name in (component, *FALLBACKS.get(component, ())):
                row = self.today.get(name)
                if row:
                    yield row, self.offered.get((self.tier, self.threshold, name))
                    break

    def alone(self) -> Iterator[str]:
        """Components of the request that have a price of their own in the map only."""
        theirs = {name for tier, _, name in self.offered if tier in (self.tier, "standard")}
        for component in self.request.quantities:
            chain = (component, *FALLBACKS.get(component, ()))
            ours = next((name for name in chain if name in self.today), None)
            if next((name for name in chain if name in theirs), None) != ours:
                yield component


@dataclass(frozen=True)
class Class_:  # noqa: N801
    """A reason to differ, how to know its rows, and the most rows it may have."""

    name: str
    reason: str
    holds: Callable[[Compared], bool]
    limit: float


CLASSES = (
    Class_(
        "other function",
        "searches, images, pages, seconds: LiteLLM has functions of their own, or no price",
        lambda row: bool(row.request.quantities.keys() - CALCULATED),
        0.20,
    ),
    Class_(
        "unknown model",
        "LiteLLM does not know the model and says so",
        lambda row: row.theirs is None,
        0.30,
    ),
    Class_(
        "free of charge",
        "LiteLLM does not know the price and silently says 0",
        lambda row: row.theirs == 0,
        0.06,
    ),
    Class_(
        "no price",
        "we have no price, for one of the components or for that time; LiteLLM bills the rest",
        lambda row: row.ours is None,
        0.01,
    ),
    Class_(
        "peak hours",
        "LiteLLM bills by the hour at which it is asked, not by that of the request",
        lambda row: any(price.daily_from for price in row.today.values()),
        0.02,
    ),
    Class_(
        "dated price",
        "LiteLLM has the prices of today only",
        lambda row: _prices(row.request.prices) != _prices(row.today),
        0.05,
    ),
    Class_(
        "sources disagree",
        "the map has another price than genai-prices or a maker's page: listed by "
        "`chargeback prices refresh`",
        lambda row: any(theirs not in (None, ours.price) for ours, theirs in row.pairs()),
        0.05,
    ),
    Class_(
        "tier without a price",
        "the map has no price of the service tier: LiteLLM bills standard, or half for a batch",
        lambda row: bool(row.entry) and row.tier not in row.entry.offer.tiers,
        0.05,
    ),
    Class_(
        "long context",
        "one side has a price past a threshold for the tier, the other has not",
        lambda row: row.threshold != row.their_threshold,
        0.02,
    ),
    Class_(
        "component without a price",
        "the map has no price of the component: LiteLLM bills another's, or nothing",
        lambda row: any(theirs is None for _, theirs in row.pairs()),
        0.05,
    ),
    Class_(
        "component with a price",
        "the map has a price of the component in the tier or in standard; we take that of another",
        lambda row: any(True for _ in row.alone()),
        0.05,
    ),
    Class_(
        "cached audio and images",
        "LiteLLM bills them as cached text: it does not read an image's own price, nor take that "
        "of audio or images where cached text has none",
        lambda row: row.has(*READ_APART) and row.provider not in ("fireworks", "perplexity"),
        0.02,
    ),
    Class_(
        "price of 0",
        "the map says 0 for cached tokens, as it does where it knows nothing",
        lambda row: bool(row.entry) and row.entry.has_zero and row.has(*CACHE),
        0.01,
    ),
    Class_(
        "fireworks",
        "LiteLLM bills every tier as standard there, and cached tokens at half the price of input",
        lambda row: row.provider == "fireworks" and (row.tier != "standard" or row.has(*CACHE)),
        0.02,
    ),
    Class_(
        "perplexity",
        "LiteLLM bills cached tokens as any input there, a long context as a short one, and the "
        "Agent API's `perplexity/sonar` as `sonar`",
        lambda row: (
            row.provider == "perplexity"
            and (row.has(*CACHE) or row.threshold > 0 or row.request.card[1] == "perplexity/sonar")
        ),
        0.02,
    ),
    Class_(
        "audio of a tier",
        "LiteLLM bills audio of a priority call at the standard price that its map has beside it",
        lambda row: row.tier == "priority" and row.has("input_audio", "output_audio"),
        0.01,
    ),
)


def test_every_difference_has_a_reason(
    litellm: LiteLlm,
    book: list[PriceRow],
    requests: list[Request],
    rated: dict[int, Rated],
) -> None:
    found: Counter[str] = Counter()
    unexplained = []
    for row in compare(litellm, book, requests, rated):
        name = classify(row)
        found[name] += 1
        if name == "unexplained":
            unexplained.append(row)
    total = found.total()
    print(f"{total} requests:", dict(found.most_common()))
    assert not unexplained, f"{len(unexplained)} of {total}, such as {unexplained[:3]}"
    comparable = total - found["unknown model"] - found["other function"]
    assert found["agree"] > 0.7 * comparable
    limits = {item.name: item.limit for item in CLASSES}
    too_many = {name: n for name, n in found.items() if n > total * limits.get(name, 1)}
    assert not too_many
    assert found.keys() == {"agree", *limits}, "a class that no row needs"


def compare(
    litellm: LiteLlm,
    book: list[PriceRow],
    requests: list[Request],
    rated: dict[int, Rated],
) -> Iterator[Compared]:
    """Every request without a region, with both costs."""
    rows: dict[CardKey, list[PriceRow]] = {}
    for row in book:
        rows.setdefault(row.card, []).append(row)
    now = datetime.combine(max(row.source_date for row in book), time(0))
    for request in requests:
        if request.card[2]:
            continue
        model = request.card[:2]
        yield Compared(
            request,
            rated[request.number].cost,
            litellm.cost(model, request.card[3], request.quantities),
            litellm.entries.get(model),
            prices_at(rows[request.card], now, request.total_input),
        )


def classify(row: Compared) -> str:
    """`agree`, the first class that holds, or `unexplained`."""
    if is_same(row.ours, row.theirs):
        return "agree"
    return next((item.name for item in CLASSES if item.holds(row)), "unexplained")


def is_same(ours: Decimal | None, theirs: Decimal | None) -> bool:
    """Whether they agree to 12 decimals, or to 12 digits of a large cost."""
    if ours is None or theirs is None:
        return False
    return abs(ours - theirs) <= max(CLOSE, abs(ours) * CLOSE_SHARE)


def _prices(rows: dict[str, PriceRow]) -> dict[str, Decimal]:
    return {component: row.price for component, row in rows.items()}
