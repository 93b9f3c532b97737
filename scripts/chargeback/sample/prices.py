"""List prices, as far as the gateway's own `spend` needs them.

They come from the price book when the project has one, so that the sample agrees with it, and
else from the small table below. The sample is not where prices are kept: see seeds/reference.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from chargeback.sample.models import MODELS, RERANK

INPUT, CACHE_READ, WRITE_5M, WRITE_1H, OUTPUT = range(5)
COMPONENTS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
_NO_TIER = 1 << 62

# USD per million tokens: input, cache read, cache write 5 m, cache write 1 h, output.
_FALLBACK: dict[str, tuple[float, float, float, float, float]] = {
    "gpt-4o": (2.5, 1.25, 2.5, 2.5, 10),
    "gpt-4o-mini": (0.15, 0.075, 0.15, 0.15, 0.6),
    "gpt-4.1": (2, 0.5, 2, 2, 8),
    "gpt-4.1-mini": (0.4, 0.1, 0.4, 0.4, 1.6),
    "gpt-5": (1.25, 0.125, 1.25, 1.25, 10),
    "gpt-5-mini": (0.25, 0.025, 0.25, 0.25, 2),
    "o3": (2, 0.5, 2, 2, 8),
    "claude-sonnet-4-5": (3, 0.3, 3.75, 6, 15),
    "claude-haiku-4-5": (1, 0.1, 1.25, 2, 5),
    "claude-opus-4-5": (5, 0.5, 6.25, 10, 25),
    "gemini-2.5-pro": (1.25, 0.125, 1.25, 1.25, 10),
    "gemini-2.5-flash": (0.3, 0.03, 0.3, 0.3, 2.5),
    "mistral-large": (2, 2, 2, 2, 6),
    "deepseek-chat": (0.27, 0.07, 0.27, 0.27, 1.1),
    "deepseek-v4-flash": (0.14, 0.0028, 0.14, 0.14, 0.28),
    "grok-4.3": (1.25, 0.2, 1.25, 1.25, 2.5),
    "regional.anthropic.claude-sonnet-4-5-20250929-v1:0": (3.3, 0.33, 4.125, 6.6, 16.5),
    "amazon.nova-lite-v1:0": (0.06, 0.015, 0.06, 0.06, 0.24),
    "text-embedding-3-small": (0.02, 0.02, 0.02, 0.02, 0),
    "text-embedding-3-large": (0.13, 0.13, 0.13, 0.13, 0),
}
_FALLBACK_CHANGES = {
    "deepseek-v4-flash": (
        (date(2026, 8, 17), (0.22, 0.007, 0.22, 0.22, 0.66)),
        (date(2026, 9, 10), (0.15, 0.003, 0.15, 0.15, 0.6)),
    )
}
_FALLBACK_LONG = {
    "gemini-2.5-pro": (200_000, (2.5, 0.25, 2.5, 2.5, 15)),
    "claude-sonnet-4-5": (200_000, (6, 0.6, 7.5, 12, 22.5)),
}
SEARCH_USD = 0.002
"""USD per rerank search."""

TIERS = ("standard", "batch", "flex", "priority")
TIER_FACTORS = np.array([1.0, 0.5, 0.5, 2.0])


SLOTS = 48
"""Half hours of a day: some models cost less at night."""
_SLOT_MS = 1_800_000


@dataclass(frozen=True)
class DayRates:
    """USD per token on one day, by service tier, half hour (UTC), model and component.

    `long` applies to calls with more than `threshold` input tokens (by model).
    """

    base: np.ndarray
    long: np.ndarray
    threshold: np.ndarray


class PriceList:
    """List prices of the sample's models by day."""

    def __init__(self, rows: dict[tuple[str, str], list[dict[str, str]]] | None = None):
        self._rows = rows or {}
        self._filled: dict[tuple[int, ...], tuple[np.ndarray, np.ndarray, int]] = {}

    @classmethod
    def read(cls, price_book: Path | None) -> PriceList:
        """Read a price book; the built-in table serves models it does not have."""
        if price_book is None or not price_book.is_file():
            return cls()
        wanted = {(model.price_provider, model.price_model) for model in MODELS}
        rows = defaultdict(list)
        with price_book.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                name = (row["provider"], row["model"])
                if name in wanted and row["component"] in COMPONENTS and not row["region"]:
                    rows[name].append(row)
        return cls(dict(rows))

    def on(self, day: date) -> DayRates:
        """The prices of one day."""
        shape = (len(TIERS), SLOTS, len(MODELS), len(COMPONENTS))
        base, long = np.zeros(shape), np.zeros(shape)
        threshold = np.full(len(MODELS), _NO_TIER, dtype=np.int64)
        for place, model in enumerate(MODELS):
            if not model.price_model or model.family == RERANK:
                continue
            rows = self._rows.get((model.price_provider, model.price_model), [])
            today = [row for row in rows if _is_valid(row, day)]
            if today:
                # Most days have the same rows as the day before.
                key = (place, *(id(row) for row in today))
                if key not in self._filled:
                    self._filled[key] = _fill(today)
                base[:, :, place], long[:, :, place], threshold[place] = self._filled[key]
            else:
                prices, long_prices, threshold[place] = _from_table(model.price_model, day)
                base[:, :, place] = prices * TIER_FACTORS[:, None, None]
                long[:, :, place] = long_prices * TIER_FACTORS[:, None, None]
        return DayRates(base / 1e6, long / 1e6, threshold)


def _is_valid(row: dict[str, str], day: date) -> bool:
    text = day.isoformat()
    ends = row["effective_to"][:10]
    days = row.get("days_of_week") or str(day.isoweekday())
    is_in_range = row["effective_from"][:10] <= text and (not ends or text < ends)
    return is_in_range and str(day.isoweekday()) in days


def _fill(rows: list[dict[str, str]]) -> tuple[np.ndarray, np.ndarray, int]:
    """One model's usual and raised prices by tier and slot from its rows, and the threshold."""
    base = np.zeros((len(TIERS), SLOTS, len(COMPONENTS)))
    long = np.zeros_like(base)
    levels = sorted({_level(row) for row in rows} - {0})
    level = levels[0] if levels else 0
    for code, tier in enumerate(TIERS):
        own = [row for row in rows if (row["service_tier"] or "standard") == tier]
        if not own:
            base[code], long[code] = base[0] * TIER_FACTORS[code], long[0] * TIER_FACTORS[code]
            continue
        slots = range(SLOTS) if any(row["daily_from"] for row in own) else (slice(None),)
        for slot in slots:
            now = [row for row in own if _is_in_slot(row, slot)]
            usual = {row["component"]: float(row["price"]) for row in now if not _level(row)}
            raised = {row["component"]: float(row["price"]) for row in now if _level(row) == level}
            base[code, slot] = _complete(usual)
            long[code, slot] = _complete({**usual, **raised})
    return base, long, level or _NO_TIER


def _level(row: dict[str, str]) -> int:
    """Input tokens that a call must exceed for this row; 0 for the base price."""
    level = int(row["min_input_tokens"] or 0)
    return level - 1 if level and row["threshold_operator"] == ">=" else level


def _is_in_slot(row: dict[str, str], slot: int | slice) -> bool:
    if not row["daily_from"] or isinstance(slot, slice):
        return True
    return _minute(row["daily_from"]) <= slot * 30 < _minute(row["daily_to"])


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:5])


def _complete(prices: dict[str, float]) -> np.ndarray:
    """Prices of all components: an input kind without its own price costs as input does."""
    missing = prices.get("input", 0.0)
    return np.array([prices.get(name, 0.0 if name == "output" else missing) for name in COMPONENTS])


def _from_table(name: str, day: date) -> tuple[np.ndarray, np.ndarray, int]:
    prices = _FALLBACK[name]
    for starts, changed in _FALLBACK_CHANGES.get(name, ()):
        if day >= starts:
            prices = changed
    threshold, long = _FALLBACK_LONG.get(name, (_NO_TIER, prices))
    return np.array(prices, dtype=float), np.array(long, dtype=float), threshold


_IS_RERANK = np.array([model.family == RERANK for model in MODELS])


def spend_parts(
    rates: DayRates,
    model: np.ndarray,
    tier: np.ndarray,
    start_ms: np.ndarray,
    tokens_in: np.ndarray,
    cached: np.ndarray,
    write_5m: np.ndarray,
    write_1h: np.ndarray,
    tokens_out: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """USD per call as floats, as the gateway reckons them: input, cache read, cache write, output.

    `tokens_in` includes cached tokens, and so does the first result.
    """
    slot = start_ms // _SLOT_MS % SLOTS
    is_long = tokens_in > rates.threshold[model]
    price = rates.base[tier, slot, model]
    if is_long.any():
        price[is_long] = rates.long[tier[is_long], slot[is_long], model[is_long]]
    read_usd = cached * price[:, CACHE_READ]
    write_usd = write_5m * price[:, WRITE_5M] + write_1h * price[:, WRITE_1H]
    plain = tokens_in - cached - write_5m - write_1h
    input_usd = plain * price[:, INPUT] + read_usd + write_usd
    input_usd = np.where(_IS_RERANK[model], SEARCH_USD, input_usd)
    return input_usd, read_usd, write_usd, tokens_out * price[:, OUTPUT]
