"""Numbers as people read them: the examples in the docstrings, and the edges."""

from __future__ import annotations

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargeback.gate import command, numbers, words
from chargeback.report import money as report_money


@pytest.mark.parametrize("module", [numbers, report_money, command, words])
def test_examples(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("0.999", "$1.00"),
        ("-12.5", "-$12.50"),
        ("0.000000001234", "$0.000000001"),
        ("1234567.891", "$1,234,567.89"),
    ],
)
def test_money(amount, text):
    assert numbers.money(Decimal(amount)) == text


@given(st.integers(min_value=0, max_value=10**18))
def test_short_is_short(value):
    assert len(numbers.short(value)) <= 8


@given(st.decimals(min_value=0, max_value=1, places=9))
def test_percent_never_hides_a_difference(share):
    assert (numbers.percent(share) == "100 %") == (share == 1)
    assert (numbers.percent(share) == "0 %") == (share == 0)
    assert (numbers.short_percent(share) == "100%") == (share == 1)
