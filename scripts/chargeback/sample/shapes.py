"""Shapes of real traffic: tokens per call, and when calls arrive.

Two public traces were measured; only these quantiles are kept.

- `AZURE_CODE_*`: 8,819 requests of one hour from the Azure LLM inference trace 2023, "code"
  (Azure Public Dataset, CC-BY 4.0). Short answers; contexts stop at about 7,400 tokens. Input and
  output are independent (rank correlation -0.02).
- `AIDER_*`: 5,398 calls of a coding assistant over months, from the aider project's analytics log
  (Apache-2.0). Long contexts that grow within a session; rank correlation of input and output 0.39.

Arrivals in the Azure trace come in bursts: 12 of 58 minutes are silent, and the intensity of the
others varies with a squared coefficient of 0.63, as a gamma distribution of shape 1.6 does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

LEVELS = np.array(
    [
        0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6,
        0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995, 1,
    ]
)  # fmt: skip
AZURE_CODE_INPUT = np.array(
    [
        3, 12, 17, 44, 75, 147, 232, 385, 578, 770, 938, 1075, 1261, 1469, 1690, 1909, 2163, 2433,
        2744, 3192, 3920, 5187, 7303, 7435, 7436, 7436, 7437,
    ]
)  # fmt: skip
AZURE_CODE_OUTPUT = np.array(
    [
        6, 6, 6, 6, 6, 7, 7, 8, 9, 9, 10, 11, 12, 13, 14, 16, 18, 20, 24, 29, 39, 55, 90, 145, 251,
        359, 1899,
    ]
)  # fmt: skip
AIDER_INPUT = np.array(
    [
        63, 78, 79, 79, 673, 2181, 3117, 4486, 5688, 6888, 7739, 8540, 9294, 10004, 10854, 12435,
        13873, 15664, 17453, 20071, 23724, 28136, 34545, 41422, 47265, 56661, 636362,
    ]
)  # fmt: skip
AIDER_OUTPUT = np.array(
    [
        1, 9, 9, 14, 30, 59, 94, 128, 154, 186, 219, 255, 293, 329, 377, 427, 495, 564, 650, 762,
        912, 1172, 1715, 2426, 3540, 4951, 18316,
    ]
)  # fmt: skip
SILENT_MINUTES = 12 / 58
INTENSITY_SHAPE = 1.6


@dataclass(frozen=True)
class TokenShape:
    """Quantiles of tokens in and out, and how often both take the same rank (0 to 1)."""

    input: np.ndarray
    output: np.ndarray
    coupling: float
    highest_level: float


SHAPES = (
    TokenShape(AZURE_CODE_INPUT, AZURE_CODE_OUTPUT, 0.0, 1.0),
    # Beyond the 99.5th percentile the log has a few calls of up to 636,362 tokens: left out.
    TokenShape(AIDER_INPUT, AIDER_OUTPUT, 0.39, 0.995),
)
SHORT, LONG = 0, 1


def draw_tokens(
    rng: np.random.Generator, shape: np.ndarray, scale_in: np.ndarray, scale_out: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw input and output tokens of one call per element; at least 1 each."""
    count = len(shape)
    rank_in, rank_out, coin = rng.random(count), rng.random(count), rng.random(count)
    tokens_in, tokens_out = np.empty(count), np.empty(count)
    for code, table in enumerate(SHAPES):
        rows = shape == code
        level_in = rank_in[rows] * table.highest_level
        level_out = np.where(
            coin[rows] < table.coupling, level_in, rank_out[rows] * table.highest_level
        )
        tokens_in[rows] = np.interp(level_in, LEVELS, table.input)
        tokens_out[rows] = np.interp(level_out, LEVELS, table.output)
    whole_in = np.maximum(1, np.rint(tokens_in * scale_in)).astype(np.int64)
    whole_out = np.maximum(1, np.rint(tokens_out * scale_out)).astype(np.int64)
    return whole_in, whole_out


WEEKDAYS = (1.0, 1.08, 1.11, 1.06, 0.94, 0.34, 0.27)
"""Traffic by weekday, Monday first."""

OFFICE, NIGHT, ALWAYS = 0, 1, 2
HOURS = np.array(
    [
        [2, 1, 1, 1, 2, 5, 14, 34, 62, 84, 92, 88, 74, 86, 100, 98, 88, 70, 44, 26, 18, 12, 8, 4],
        [40, 90, 100, 95, 70, 30, 8, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 5, 10, 20],
        [70, 66, 64, 64, 66, 70, 76, 84, 92, 98, 100, 100, 98, 98, 100, 98, 94, 90, 88, 88, 86, 82,
         78, 74],
    ],
    dtype=float,
)  # fmt: skip
"""Traffic by hour of the day (UTC): people at work, nightly jobs, customers."""

GROWTH_PER_DAY = 0.0033
GROWTH_START = date(2026, 8, 1)


def day_weight(day: date) -> float:
    """How busy a day is: weekday shape times growth of a third in three months."""
    age = (day - GROWTH_START).days
    return WEEKDAYS[day.weekday()] * max(0.3, 1 + GROWTH_PER_DAY * age)


def draw_times(rng: np.random.Generator, schedule: np.ndarray) -> np.ndarray:
    """Draw the millisecond of the day of one call per element of `schedule`."""
    silent = rng.random(1440) < SILENT_MINUTES
    bursts = np.where(silent, 0.02, rng.standard_gamma(INTENSITY_SHAPE, 1440))
    minute = np.empty(len(schedule), dtype=np.int64)
    for code, hours in enumerate(HOURS):
        rows = np.flatnonzero(schedule == code)
        total = np.cumsum(np.repeat(hours, 60) * bursts)
        minute[rows] = np.searchsorted(total, rng.random(len(rows)) * total[-1], side="right")
    return np.minimum(minute, 1439) * 60_000 + rng.integers(0, 60_000, len(schedule))
