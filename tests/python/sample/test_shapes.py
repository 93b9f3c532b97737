from __future__ import annotations

import numpy as np
import pytest

from chargeback.sample import shapes


def _draw(code: int, count: int = 40_000):
    rng = np.random.default_rng(1)
    ones = np.ones(count)
    return shapes.draw_tokens(rng, np.full(count, code), ones, ones)


@pytest.mark.parametrize(
    ("code", "table"), [(shapes.SHORT, shapes.AZURE_CODE_INPUT), (shapes.LONG, shapes.AIDER_INPUT)]
)
def test_tokens_follow_the_measured_quantiles(code, table):
    tokens, _ = _draw(code)
    for level in (0.1, 0.5, 0.9):
        expected = np.interp(level, shapes.LEVELS, table)
        assert np.quantile(tokens, level) == pytest.approx(expected, rel=0.06)


def test_input_and_output_are_coupled_as_measured():
    def rank_correlation(code):
        first, second = (np.argsort(np.argsort(column)) for column in _draw(code))
        return np.corrcoef(first, second)[0, 1]

    assert rank_correlation(shapes.SHORT) == pytest.approx(0.0, abs=0.03)
    assert rank_correlation(shapes.LONG) == pytest.approx(0.39, abs=0.03)


def test_arrivals_are_bursty():
    rng = np.random.default_rng(2)
    times = shapes.draw_times(rng, np.full(100_000, shapes.ALWAYS))
    minutes = np.bincount(times // 60_000, minlength=1440)
    assert times.min() >= 0
    assert times.max() < 86_400_000
    # Poisson arrivals would give a ratio of 1.
    assert minutes.var() / minutes.mean() > 20
    assert (minutes < minutes.mean() / 10).mean() > 0.15


def test_people_work_in_the_day_and_jobs_at_night():
    rng = np.random.default_rng(3)
    office = shapes.draw_times(rng, np.full(20_000, shapes.OFFICE)) // 3_600_000
    night = shapes.draw_times(rng, np.full(20_000, shapes.NIGHT)) // 3_600_000
    assert ((office >= 7) & (office < 18)).mean() > 0.8
    assert (night < 6).mean() > 0.7
