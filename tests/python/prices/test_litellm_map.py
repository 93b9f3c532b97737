"""LiteLLM's map is read as data: exact, in the price book's units, and never as free."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from importlib import metadata
from typing import Any

import pytest

from chargeback.errors import ChargebackError
from chargeback.prices import litellm_map
from chargeback.prices.litellm_map import MapReading, Offer, load_map, parse, read_map

CHAT = {"litellm_provider": "openai", "mode": "chat"}


def entry(text: str, **more: Any) -> dict[str, Any]:
    """An entry of the map with its numbers as JSON has them."""
    return {**CHAT, **parse(("{" + text + "}").encode()), **more}


def read(key: str, values: dict[str, Any]) -> tuple[MapReading, Offer | None]:
    reading = read_map("1.0", {"sample_spec": CHAT, key: values})
    return reading, reading.offers[0] if reading.offers else None


def test_prices_are_exact_and_per_million() -> None:
    text = '"input_cost_per_token": 4.0599999999999997e-07, "output_cost_per_token": 1e-05'
    _, offer = read("large", entry(text))
    assert offer
    assert offer.prices == {
        ("standard", 0, "input"): Decimal("0.406"),
        ("standard", 0, "output"): Decimal(10),
    }
    assert all(isinstance(price, Decimal) for price in offer.prices.values())


def test_tiers_and_thresholds_are_read_from_the_keys() -> None:
    text = (
        '"input_cost_per_token": 1e-6, "input_cost_per_token_batches": 5e-7,'
        '"input_cost_per_token_above_200k_tokens": 2e-6,'
        '"input_cost_per_token_above_200k_tokens_priority": 4e-6,'
        '"cache_creation_input_token_cost_above_1hr": 3e-6,'
        '"cache_creation_input_token_cost_above_1hr_above_200k_tokens": 6e-6,'
        '"output_cost_per_token_ultrafast": 9e-6'
    )
    reading, offer = read("large", entry(text))
    assert offer
    assert {cell: int(price * 10) for cell, price in offer.prices.items()} == {
        ("standard", 0, "input"): 10,
        ("batch", 0, "input"): 5,
        ("standard", 200_000, "input"): 20,
        ("priority", 200_000, "input"): 40,
        ("standard", 0, "cache_write_1h"): 30,
        ("standard", 200_000, "cache_write_1h"): 60,
    }
    assert reading.skipped == ["large: output_cost_per_token_ultrafast"]


def test_zero_is_never_a_price() -> None:
    reading, offer = read("large", entry('"input_cost_per_token": 0, "output_cost_per_token": 0.0'))
    assert offer is None
    assert reading.zero_count == 2
    reading, offer = read(
        "large", entry('"input_cost_per_token": 0, "output_cost_per_token": 1e-6')
    )
    assert offer is None
    assert reading.absurd == ["large: output has a price and input costs 0"]


@pytest.mark.parametrize("price", ["0.0032", "-1e-6", "1.23456789123e-10"])
def test_an_absurd_price_is_listed_not_taken(price: str) -> None:
    reading, offer = read("large", entry(f'"input_cost_per_token": {price}'))
    assert offer is None
    assert len(reading.absurd) == 1


@pytest.mark.parametrize(
    ("mode", "text", "component", "price"),
    [
        ("rerank", '"input_cost_per_query": 0.002', "search_unit", "2"),
        ("audio_transcription", '"input_cost_per_second": 0.00003083', "audio_hour", "0.111"),
        ("audio_speech", '"input_cost_per_character": 1.5e-05', "input_character", "15"),
        ("image_generation", '"output_cost_per_image": 0.04', "generated_image", "0.04"),
        ("embedding", '"input_cost_per_image": 0.0001', "embedded_image", "0.0001"),
        ("ocr", '"ocr_cost_per_page": 0.001', "document_page", "1"),
        (
            "chat",
            '"search_context_cost_per_query": {"low": 0.01, "medium": 0.01, "high": 0.01}',
            "web_search",
            "10",
        ),
    ],
)
def test_other_units(mode: str, text: str, component: str, price: str) -> None:
    _, offer = read("large", entry(text, mode=mode))
    assert offer
    assert offer.prices == {("standard", 0, component): Decimal(price)}


def test_a_search_with_three_prices_is_not_guessed() -> None:
    text = '"search_context_cost_per_query": {"low": 0.01, "medium": 0.02, "high": 0.03}'
    reading, offer = read("large", entry(text))
    assert offer is None
    assert reading.skipped == ["large: search_context_cost_per_query (three prices)"]


def test_what_an_image_costs_is_not_added_to_its_tokens() -> None:
    text = '"output_cost_per_image": 0.134, "output_cost_per_image_token": 0.00012'
    _, offer = read("large", entry(text, mode="image_generation"))
    assert offer
    assert {component for _, _, component in offer.prices} == {"output_image"}


@pytest.mark.parametrize(
    ("provider", "key", "region", "model"),
    [
        ("openai", "openai/Large-1", "", "large-1"),
        ("azure", "azure/eu/gpt-5", "eu", "gpt-5"),
        ("azure", "azure/global-standard/gpt-5", "", "gpt-5"),
        ("bedrock", "bedrock/ap-south-1/meta.llama3", "ap-south-1", "meta.llama3"),
        ("bedrock_mantle", "bedrock_mantle/us-gov-west-1/x.y", "us-gov-west-1", "x.y"),
        ("bedrock_converse", "us.anthropic.claude", "us", "anthropic.claude"),
        ("bedrock_converse", "us-gov.anthropic.claude", "us-gov", "anthropic.claude"),
        ("vertex_ai-anthropic_models", "vertex_ai/claude@1", "", "claude@1"),
        (
            "fireworks_ai",
            "fireworks_ai/accounts/fireworks/models/x",
            "",
            "accounts/fireworks/models/x",
        ),
        ("together_ai", "together_ai/Qwen/Qwen3", "", "qwen/qwen3"),
    ],
)
def test_names_and_regions(provider: str, key: str, region: str, model: str) -> None:
    _, offer = read(key, entry('"input_cost_per_token": 1e-6', litellm_provider=provider))
    assert offer
    assert (offer.region, offer.model) == (region, model)


def test_sizes_and_commitments_are_no_models_and_other_providers_are_counted() -> None:
    price = entry('"input_cost_per_token": 1e-6', litellm_provider="bedrock")
    reading, offer = read("bedrock/*/1-month-commitment/cohere.command", price)
    assert offer is None and len(reading.skipped) == 1
    reading, offer = read("x", entry('"input_cost_per_token": 1e-6', litellm_provider="novita"))
    assert offer is None and reading.left_out == {"novita": 1}


@pytest.mark.usefixtures("price_map")  # Skips without the package.
def test_the_package_is_not_imported() -> None:
    """In a process of its own: another test may have imported it here."""
    code = (
        "import sys; from chargeback.prices.litellm_map import load_map; load_map(); "
        "print('litellm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_no_price_is_a_float(price_map: tuple[str, dict[str, Any]]) -> None:
    assert len(price_map[1]) > 4000
    prices = [v for e in price_map[1].values() for k, v in e.items() if k.endswith("_token")]
    assert not any(isinstance(price, float) for price in prices)


def test_without_the_package_and_the_index_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    monkeypatch.setattr(litellm_map, "VERSION", "0.0.0.dev0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ChargebackError, match=r"pip install --no-deps litellm==0\.0\.0\.dev0"):
        load_map()
