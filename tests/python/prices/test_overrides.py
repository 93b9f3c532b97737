"""A company's own prices are checked against themselves and against the price book."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chargeback.errors import ChargebackError
from chargeback.prices.book import PriceRow, write_csv
from chargeback.prices.command import prices_app
from chargeback.prices.overrides import COLUMNS, check_overrides, read_overrides

Make = Callable[..., PriceRow]
OWN = {
    "provider": "acme",
    "model": "large",
    "service_tier": "standard",
    "component": "input",
    "unit": "per_million_tokens",
    "price": "1.8",
    "currency": "USD",
    "effective_from": "2026-01-01",
    "comment": "contract 42",
}


def written(folder: Path, *changes: dict[str, str]) -> Path:
    """A seed with one plain own price for each set of changes."""
    path = folder / "price_overrides.csv"
    write_csv(path, COLUMNS, [[(OWN | c).get(n, "") for n in COLUMNS] for c in changes])
    return path


def places(path: Path, book: list[PriceRow], *deployed: tuple[str, str]) -> list[tuple[int, str]]:
    return [(f.row, f.column) for f in check_overrides(path, book, set(deployed))]


def test_what_is_empty_takes_the_plain_value(tmp_path: Path) -> None:
    [row] = read_overrides(written(tmp_path, {}))
    assert (row.region, row.min_input_tokens, row.threshold_operator) == ("", 0, ">=")
    assert (row.days_of_week, row.daily_from, row.effective_to) == ("", "", None)


def test_one_component_of_one_range_is_enough(row: Make, tmp_path: Path) -> None:
    path = written(tmp_path, {"effective_to": "2026-02-01"}, {"effective_from": "2026-03-01"})
    assert places(path, [row(), row(component="output", price="8")]) == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        (({}, {"effective_from": "2026-02-01"}), (3, "effective_from")),
        (({}, {}), (3, "component")),
        (({"price": "1800"},), (2, "price")),
        (({"price": "0.0018"},), (2, "price")),
        (({"price": "-1"},), (2, "price")),
        (({"unit": "per_unit"},), (2, "unit")),
        (({"service_tier": "cheap"},), (2, "service_tier")),
        (({"model": "house"},), (2, "model")),
        (({"days_of_week": "76"},), (2, "days_of_week")),
        (({"effective_to": "2025-01-01"},), (2, "effective_to")),
    ],
)
def test_a_mistake_is_found(
    row: Make, tmp_path: Path, changes: tuple[dict[str, str], ...], place: tuple[int, str]
) -> None:
    assert place in places(written(tmp_path, *changes), [row()])


def test_a_deployed_model_needs_no_list_price_and_may_be_free(row: Make, tmp_path: Path) -> None:
    path = written(tmp_path, {"model": "house", "price": "0"})
    assert places(path, [row()], ("acme", "house")) == []


@pytest.mark.parametrize("column", ["model", "service_tier", "unit", "effective_from", "comment"])
def test_what_must_be_said_is_named(tmp_path: Path, column: str) -> None:
    path = written(tmp_path, {column: ""})
    with pytest.raises(ChargebackError, match=rf"overrides\.csv row 2, column {column}: is empty"):
        read_overrides(path)


def test_check_looks_at_the_companys_seed(seeds: Path, tmp_path: Path) -> None:
    reference, company = tmp_path / "reference", tmp_path / "company"
    reference.mkdir()
    company.mkdir()
    for file in seeds.glob("*.csv"):
        (reference / file.name).write_bytes(file.read_bytes())
    change = {"provider": "openai", "model": "gpt-4o", "price": "2500"}
    written(company, change)
    result: Any = CliRunner().invoke(prices_app, ["check", "--seeds", str(reference)])
    assert result.exit_code == 1
    assert "price_overrides.csv row 2, column price: openai/gpt-4o standard input" in result.output


def test_the_shipped_seed_is_empty(seeds: Path) -> None:
    path = seeds.parent / "company" / "price_overrides.csv"
    assert read_overrides(path) == []


def test_the_example_in_the_docs_is_fine(seeds: Path, tmp_path: Path) -> None:
    text = (seeds.parents[1] / "docs" / "reference" / "prices.md").read_text()
    start = text.index(",".join(COLUMNS))
    path = tmp_path / "price_overrides.csv"
    path.write_text(text[start : text.index("```", start)])
    assert read_overrides(path)
