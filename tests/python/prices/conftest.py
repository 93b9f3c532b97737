"""Price rows for tests: hand-made ones, and those read from the installed package."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chargeback.errors import ChargebackError
from chargeback.prices.book import PriceRow
from chargeback.prices.litellm_map import load_map
from chargeback.prices.package import Reading, load_package, read_package

TODAY = date(2026, 11, 21)
PLAIN = PriceRow(
    provider="acme",
    model="large",
    region="",
    service_tier="standard",
    component="input",
    unit="per_million_tokens",
    price=Decimal(2),
    currency="USD",
    effective_from=date(1970, 1, 1),
    effective_to=None,
    min_input_tokens=0,
    threshold_operator=">=",
    daily_from="",
    daily_to="",
    source="genai-prices 1.0",
    source_date=TODAY,
)


@pytest.fixture
def row() -> Callable[..., PriceRow]:
    """Make a row: a plain one with the given columns changed; price may be text."""

    def make(**columns: Any) -> PriceRow:
        if "price" in columns:
            columns["price"] = Decimal(columns["price"])
        return replace(PLAIN, **columns)

    return make


@pytest.fixture(scope="session")
def package() -> tuple[str, list[Any]]:
    """The installed genai-prices: version and providers."""
    pytest.importorskip("genai_prices", reason="needs the extra: pip install -e '.[prices]'")
    return load_package()


@pytest.fixture(scope="session")
def price_map() -> tuple[str, dict[str, Any]]:
    """LiteLLM's map: of the installed package, else of the downloaded one."""
    try:
        return load_map()
    except ChargebackError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def reading(package: tuple[str, list[Any]]) -> Reading:
    """The package's prices as rows."""
    version, providers = package
    return read_package(version, providers, TODAY)


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The shipped seeds."""
    return Path(__file__).parents[3] / "seeds" / "reference"
