"""Free allowances: read, checked, and compared with what LiteLLM's map says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from chargeback.errors import ChargebackError
from chargeback.prices.allowances import (
    COLUMNS,
    check_allowances,
    missing_allowances,
    read_allowances,
)
from chargeback.prices.book import read_book, write_csv
from chargeback.prices.litellm_map import FreeSearches

PLAIN = {
    "allowance": "searches",
    "provider": "acme",
    "model": "large",
    "component": "web_search",
    "quantity": "1500",
    "period": "day",
    "pooled_over": "organisation",
    "source": "page",
    "source_date": "2026-01-01",
}
PRICED = {("acme", "large"), ("acme", "small")}


def written(folder: Path, *changes: dict[str, str]) -> Path:
    path = folder / "free_allowances.csv"
    write_csv(path, COLUMNS, [[(PLAIN | c).get(n, "") for n in COLUMNS] for c in changes])
    return path


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        (({},), None),
        (({}, {"model": "small"}), None),
        (({"model": ""},), None),
        (({}, {"model": "small", "quantity": "10"}), (3, "quantity")),
        (({}, {}), (3, "model")),
        (({"model": "gone"},), (2, "model")),
        (({"provider": "gone", "model": ""},), (2, "provider")),
        (({"component": "search"},), (2, "component")),
        (({"quantity": "0"},), (2, "quantity")),
        (({"period": "year"},), (2, "period")),
        (({"pooled_over": "world"},), (2, "pooled_over")),
        (({"source": ""},), (2, "source")),
    ],
)
def test_a_mistake_is_found(
    tmp_path: Path, changes: tuple[dict[str, str], ...], place: tuple[int, str] | None
) -> None:
    found = {(f.row, f.column) for f in check_allowances(written(tmp_path, *changes), PRICED)}
    assert place in found if place else not found


def test_text_that_cannot_be_read_names_the_row(tmp_path: Path) -> None:
    with pytest.raises(ChargebackError, match=r"free_allowances\.csv row 2"):
        read_allowances(written(tmp_path, {"quantity": "many"}))


def test_what_the_map_knows_and_the_seed_has_not_is_listed(tmp_path: Path) -> None:
    ours = read_allowances(written(tmp_path, {}))
    same = FreeSearches("acme", "acme/large", Decimal(1500), "day", "searches")
    other = FreeSearches("acme", "acme/small", Decimal(5000), "month", "")
    assert missing_allowances(ours, [same, other, other]) == [
        "acme: acme/small: LiteLLM says 5000 free web searches a month"
    ]


def test_the_shipped_seed_has_no_findings(seeds: Path) -> None:
    priced = {(row.provider, row.model) for row in read_book(seeds / "price_book.csv")}
    assert check_allowances(seeds / "free_allowances.csv", priced) == []
