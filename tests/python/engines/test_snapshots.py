"""The comparison itself: equal values compare equal, different ones don't."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from engines.snapshots import plain, row_hash


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, Decimal("1.000")),
        (0, Decimal("-0E-15")),
        (Decimal("0.100000000000000"), Decimal("0.1")),
        (100, Decimal("1E+2")),
        (datetime(2025, 1, 1, 12), datetime(2025, 1, 1, 12, tzinfo=UTC)),
        (datetime(2025, 1, 1, 12), datetime(2025, 1, 1, 14, tzinfo=timezone(timedelta(hours=2)))),
        (UUID(int=7), str(UUID(int=7))),
        ({"b": 1, "a": [2]}, {"a": [2], "b": 1}),
    ],
)
def test_equal(one: object, other: object) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            Decimal("12345678901234567890123.456789012345678"),
            Decimal("12345678901234567890123.456789012345679"),
        ),
        (None, ""),
        (True, 1),
        (date(2025, 1, 1), date(2025, 1, 2)),
        (datetime(2025, 1, 1, 0, 0, 0, 1), datetime(2025, 1, 1)),
        ("a", "A"),
    ],
)
def test_different(one: object, other: object) -> None:
    assert plain(one) != plain(other)


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        plain(0.1)


def test_hash_sees_every_field() -> None:
    assert row_hash([("a", None)]) != row_hash([("a", "None")])
    assert row_hash([("a",), ("b",)]) != row_hash([("a", "b")])
