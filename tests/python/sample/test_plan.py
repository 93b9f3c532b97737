from __future__ import annotations

from datetime import date

import pytest

from chargeback.errors import ChargebackError
from chargeback.sample.plan import DEFAULT_END, make_plan


def test_days_end_on_the_default_date():
    plan = make_plan(92, 60_000)
    assert plan.last == DEFAULT_END
    assert plan.first == date(2026, 8, 1)
    assert [name for name, _ in plan.files()] == ["2026-08", "2026-09", "2026-10"]


def test_events_are_spread_over_all_parts():
    plan = make_plan(92, 60_000)
    rows = sum(day.gateway_rows for day in plan.days)
    traces = sum(day.traces for day in plan.days)
    retrievals = sum(day.retrievals for day in plan.days)
    assert retrievals == 7_200
    assert traces == 1_800
    assert rows + traces * 2.4 + retrievals == pytest.approx(60_000, abs=2)


def test_weekends_are_quiet_and_traffic_grows():
    days = {day.day: day.gateway_rows for day in make_plan(92, 1_000_000).days}
    assert days[date(2026, 10, 25)] < days[date(2026, 10, 27)] / 2
    assert days[date(2026, 10, 27)] > days[date(2026, 8, 4)]


def test_large_volumes_have_a_file_a_day():
    assert len(make_plan(92, 1_000_000).files()) == 92
    assert len(make_plan(92, 999_999).files()) == 3


def test_added_days_have_files_of_their_own():
    plan = make_plan(1, 500, start=date(2026, 11, 1))
    assert not plan.is_whole
    assert [name for name, _ in plan.files()] == ["2026-11-01"]


@pytest.mark.parametrize(
    ("days", "events", "seed"), [(0, 100, 1), (9_999, 10_000, 1), (10, 5, 1), (10, 100, -1)]
)
def test_numbers_out_of_range_are_refused(days, events, seed):
    with pytest.raises(ChargebackError, match="give"):
        make_plan(days, events, seed)


def test_too_many_events_are_refused():
    with pytest.raises(ChargebackError, match="at most"):
        make_plan(10, 10**12)
