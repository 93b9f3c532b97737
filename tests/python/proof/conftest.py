"""The same random requests for every test of this folder, rated once by dbt."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from chargeback.prices.book import PriceRow, read_book
from chargeback.prices.litellm_map import VERSION
from chargeback.prices.package import load_package
from prices.genai import package_models
from proof.litellm_peer import LiteLlm
from proof.names import Model, Names, find_names
from proof.requests import Request, draw
from proof.warehouse import Rated, RatingWarehouse

SEEDS = Path(__file__).parents[3] / "seeds" / "reference"


@pytest.fixture(scope="session")
def book() -> list[PriceRow]:
    """The shipped price book."""
    return read_book(SEEDS / "price_book.csv")


@pytest.fixture(scope="session")
def package() -> list[Any]:
    """The providers of the installed genai-prices."""
    pytest.importorskip("genai_prices", reason="needs the extra: pip install -e '.[prices]'")
    return load_package()[1]


@pytest.fixture(scope="session")
def theirs(package: list[Any]) -> dict[Model, tuple[Any, Any]]:
    """genai-prices' provider and model of each model of the price book that it knows."""
    return package_models(package)


@pytest.fixture(scope="session")
def names(
    book: list[PriceRow], package: list[Any], theirs: dict[Model, tuple[Any, Any]]
) -> dict[Model, Names]:
    """How each model of the price book may be logged."""
    return find_names(SEEDS, {(row.provider, row.model) for row in book}, theirs, package)


@pytest.fixture(scope="session")
def litellm(book: list[PriceRow]) -> LiteLlm:
    """The installed litellm, of the version whose map completed the book."""
    with pytest.MonkeyPatch.context() as patch:
        # The map of the package, not the newest one from the network.
        patch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        pytest.importorskip("litellm", reason="needs the extra: pip install -e '.[proof]'")
    found = metadata.version("litellm")
    if found != VERSION:
        pytest.skip(f"the price book was completed from litellm {VERSION}, {found} is installed")
    return LiteLlm(SEEDS, {(row.provider, row.model) for row in book})


@pytest.fixture(scope="session")
def requests(book: list[PriceRow], names: dict[Model, Names]) -> list[Request]:
    """Random requests of every rate card, and every edge inside it."""
    return draw(book, names)


@pytest.fixture(scope="session")
def rating(names: dict[Model, Names], tmp_path_factory: pytest.TempPathFactory) -> RatingWarehouse:
    """An empty warehouse that rates what it is given."""
    deployments = [(n.deployment, *model) for model, n in names.items() if n.deployment]
    return RatingWarehouse(tmp_path_factory.mktemp("proof"), deployments)


@pytest.fixture(scope="session")
def rated(rating: RatingWarehouse, requests: list[Request]) -> dict[int, Rated]:
    """What dbt says that each request costs, by its number."""
    return rating.rate(request.event for request in requests)
