"""Reads LiteLLM's price map, a JSON file of the `litellm` package, without importing the package.

The map has one entry per model key with today's prices: USD per token, second, page or query,
for the standard tier, for other tiers (`_batches`, `_flex`, `_priority`) and past a threshold
(`_above_200k_tokens`). An entry becomes an `Offer`: the same prices in the price book's units, by
tier, threshold and component. A price of 0 is never taken: the map has 0 where it knows nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

from chargeback.errors import ChargebackError
from chargeback.prices.book import MAX_DECIMALS

#: What the shipped seeds were completed with; read where no other version is installed.
VERSION = "1.106.2"
FILE = "model_prices_and_context_window_backup.json"
MILLION = Decimal(1_000_000)
THOUSAND = Decimal(1000)
HOUR = Decimal(3600)
#: Prices are binary floats there: this much relative difference is noise.
NOISE = Decimal("1E-9")
#: Prices per second are cut to few digits there (0.00003083 a second is 0.111 an hour).
HOUR_NOISE = Decimal("5E-4")
HOUR_STEP = Decimal("0.0001")
MAX_TOKEN_PRICE = Decimal(2000)

#: litellm_provider -> provider of the price book; `vertex_ai-*` is google too
PROVIDERS = {
    "anthropic": "anthropic",
    "azure": "azure",
    "azure_ai": "azure",
    "azure_text": "azure",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "bedrock_mantle": "aws",
    "codestral": "mistral",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "deepseek": "deepseek",
    "fireworks_ai": "fireworks",
    "fireworks_ai-embedding-models": "fireworks",
    "gemini": "google",
    "groq": "groq",
    "meta": "meta",
    "meta_llama": "meta",
    "mistral": "mistral",
    "moonshot": "moonshotai",
    "openai": "openai",
    "perplexity": "perplexity",
    "text-completion-openai": "openai",
    "together_ai": "together",
    "voyage": "voyageai",
    "xai": "x-ai",
}
#: first segments of a key that say who serves the model, and nothing else
_SERVERS = {
    "azure",
    "azure_ai",
    "bedrock",
    "bedrock_mantle",
    "codestral",
    "cohere",
    "deepseek",
    "fireworks_ai",
    "gemini",
    "groq",
    "meta",
    "meta_llama",
    "mistral",
    "moonshot",
    "openai",
    "perplexity",
    "text-completion-codestral",
    "together_ai",
    "vertex_ai",
    "voyage",
    "xai",
}
_AZURE_REGIONS = {"us": "us", "eu": "eu", "apac": "apac", "us-gov": "us-gov"}
_AZURE_GLOBAL = ("global", "global-standard")
_AWS_REGION = re.compile(r"^(?:us-gov|[a-z]{2})-[a-z]+-\d$")
_AWS_GEO = re.compile(r"^(?:us-gov|us|eu|apac|au|jp|in|ca)\.")
_SIZED = re.compile(r"\d-x-\d|^max-x-max|commitment")
_CATEGORY = re.compile(r"^(?:together-ai|fireworks-ai)-")

_TIER_SUFFIXES = {"_batches": "batch", "_flex": "flex", "_priority": "priority"}
_OTHER_TIERS = ("_balanced", "_ultrafast", "_decisions")
_ABOVE = re.compile(r"_above_(\d+)k_tokens$")
#: key of the map -> component, what one unit is multiplied by
_KEYS: dict[str, tuple[str, Decimal]] = {
    "input_cost_per_token": ("input", MILLION),
    "output_cost_per_token": ("output", MILLION),
    "cache_read_input_token_cost": ("cache_read", MILLION),
    "cache_creation_input_token_cost": ("cache_write_5m", MILLION),
    "cache_creation_input_token_cost_above_1hr": ("cache_write_1h", MILLION),
    "output_cost_per_reasoning_token": ("reasoning", MILLION),
    "citation_cost_per_token": ("citation", MILLION),
    "input_cost_per_audio_token": ("input_audio", MILLION),
    "output_cost_per_audio_token": ("output_audio", MILLION),
    "cache_read_input_audio_token_cost": ("cache_read_audio", MILLION),
    "input_cost_per_image_token": ("input_image", MILLION),
    "output_cost_per_image_token": ("output_image", MILLION),
    "cache_read_input_image_token_cost": ("cache_read_image", MILLION),
    "input_cost_per_video_token": ("input_video", MILLION),
    "output_cost_per_video_token": ("output_video", MILLION),
    "input_cost_per_request": ("request", THOUSAND),
    "google_maps_grounding_cost_per_query": ("map_search", THOUSAND),
    "input_cost_per_text_message": ("text_message", THOUSAND),
    "ocr_cost_per_page": ("document_page", THOUSAND),
    "annotation_cost_per_page": ("annotated_page", THOUSAND),
}
#: the same, for entries of some modes only
_MODE_KEYS: dict[tuple[str, str], tuple[str, Decimal]] = {
    ("rerank", "input_cost_per_query"): ("search_unit", THOUSAND),
    ("embedding", "input_cost_per_image"): ("embedded_image", Decimal(1)),
    ("embedding", "input_cost_per_audio_per_second"): ("audio_hour", HOUR),
    ("image_generation", "output_cost_per_image"): ("generated_image", Decimal(1)),
    ("image_edit", "output_cost_per_image"): ("generated_image", Decimal(1)),
    ("audio_transcription", "input_cost_per_second"): ("audio_hour", HOUR),
    ("audio_speech", "input_cost_per_character"): ("input_character", MILLION),
}
#: Another way to say what the tokens cost: taken only where the entry prices no token.
_INSTEAD_OF_TOKENS = {"generated_image", "input_character"}
_WEB_SEARCH = "search_context_cost_per_query"
#: Keys with "cost" or "pricing" in them that say nothing this module reads, and no price.
_NO_PRICE = {"provider_specific_entry", "search_free_requests", "input_cost_per_token_cache_hit"}

Cell = tuple[str, int, str]


@dataclass
class Offer:
    """One entry of the map: USD per unit by (tier, threshold, component)."""

    key: str
    provider: str
    model: str
    region: str
    geo_model: str = ""
    """The model with its geography ('us.anthropic...'), where `region` was read from that."""
    prices: dict[Cell, Decimal] = field(default_factory=dict)
    us_factor: Decimal | None = None
    off_peak_days: str = ""

    @property
    def tiers(self) -> list[str]:
        """Service tiers the entry prices, standard first."""
        return sorted({tier for tier, _, _ in self.prices}, key=lambda t: (t != "standard", t))


@dataclass(frozen=True)
class FreeSearches:
    """Web searches the map says are free: how many in which period, shared by which models."""

    provider: str
    key: str
    count: Decimal
    period: str
    shared_by: str


@dataclass
class MapReading:
    """What the map says, what was not taken, and why."""

    version: str
    offers: list[Offer] = field(default_factory=list)
    free_searches: list[FreeSearches] = field(default_factory=list)
    absurd: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    zero_count: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    """Providers of the map that the price book doesn't carry, with their number of models."""


def load_map() -> tuple[str, dict[str, Any]]:
    """The version of litellm and its price map, with exact decimals.

    That of the installed package; without one the wheel of `VERSION` is downloaded by pip, read
    and thrown away: the package itself would bring some forty others. Nothing of it is run.
    Raises ChargebackError when neither can be had.
    """
    try:
        package = metadata.distribution("litellm")
    except metadata.PackageNotFoundError:
        return VERSION, _download()
    found = [file for file in package.files or () if file.name == FILE]
    if not found:
        raise ChargebackError(f"litellm {package.version} has no {FILE}")
    return package.version, parse(Path(str(found[0].locate())).read_bytes())


def parse(content: bytes) -> dict[str, Any]:
    """A price map file; numbers as written, as decimals."""
    return json.loads(content, parse_float=Decimal, parse_int=Decimal)


def _download() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--disable-pip-version-check"]
        command += ["--dest", folder, f"litellm=={VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            why = (done.stderr.strip().splitlines() or ["no wheel"])[-1]
            raise ChargebackError(
                "the price book is completed from LiteLLM's price map, and litellm "
                f"{VERSION} could not be downloaded ({why}): "
                f"pip install --no-deps litellm=={VERSION}"
            )
        with ZipFile(wheels[0]) as wheel:
            name = next(name for name in wheel.namelist() if name.endswith(f"/{FILE}"))
            return parse(wheel.read(name))


def read_map(version: str, entries: Mapping[str, Any]) -> MapReading:
    """Every entry of the carried providers as an offer, in order of their keys."""
    reading = MapReading(version)
    for key in sorted(entries):
        entry = entries[key]
        if key == "sample_spec" or not entry.get("litellm_provider"):
            continue
        provider = _provider(entry["litellm_provider"])
        if provider is None:
            name = entry["litellm_provider"]
            reading.left_out[name] = reading.left_out.get(name, 0) + 1
            continue
        if _SIZED.search(key) or _CATEGORY.search(key):
            reading.skipped.append(f"{key}: a size or a commitment")
            continue
        _read_entry(reading, provider, key, entry)
    return reading


def _provider(name: str) -> str | None:
    return "google" if name.startswith("vertex_ai") else PROVIDERS.get(name)


def _read_entry(reading: MapReading, provider: str, key: str, entry: Mapping[str, Any]) -> None:
    region, model, geo_model = _name(provider, key)
    offer = Offer(key, provider, model, region, geo_model)
    mode = str(entry.get("mode") or "")
    unread = []
    for name in sorted(entry):
        value = entry[name]
        if name == _WEB_SEARCH:
            prices = {Decimal(price) for price in value.values()}
            if len(prices) == 1:
                _take(reading, offer, ("standard", 0, "web_search"), prices.pop() * THOUSAND)
            else:
                unread.append(f"{name} (three prices)")
        elif isinstance(value, Decimal) and ("cost" in name or "pricing" in name):
            cell = _cell(name, mode)
            if cell is not None:
                _take(reading, offer, cell[0], value * cell[1], value)
            elif value and name not in _NO_PRICE:
                unread.append(name)
    if unread:
        reading.skipped.append(f"{key}: {', '.join(unread)}")
    _drop_alternatives(offer)
    _read_rules(reading, offer, entry)
    if ("standard", 0, "output") in offer.prices and entry.get("input_cost_per_token") == 0:
        reading.absurd.append(f"{key}: output has a price and input costs 0")
        return
    if offer.prices:
        reading.offers.append(offer)


def _name(provider: str, key: str) -> tuple[str, str, str]:
    """(region, model, model with its geography) of a key, in lower case."""
    segments = key.lower().split("/")
    if len(segments) > 1 and segments[0] in _SERVERS:
        segments = segments[1:]
    region = ""
    if provider == "azure" and len(segments) > 1:
        if segments[0] in _AZURE_REGIONS:
            region = _AZURE_REGIONS[segments[0]]
            segments = segments[1:]
        elif segments[0] in _AZURE_GLOBAL:
            segments = segments[1:]
    if provider == "aws" and len(segments) > 1:
        if _AWS_REGION.match(segments[0]):
            region = segments[0]
            segments = segments[1:]
        elif segments[0] == "invoke":
            segments = segments[1:]
    model = "/".join(segments)
    geo = _AWS_GEO.match(model) if provider == "aws" and not region else None
    if geo:
        return geo.group().rstrip("."), model[geo.end() :], model
    return region, model, ""


def _cell(name: str, mode: str) -> tuple[Cell, Decimal] | None:
    """(tier, threshold, component) of a key, and the factor to the price book's unit."""
    if (mode, name) in _MODE_KEYS:
        component, factor = _MODE_KEYS[(mode, name)]
        return ("standard", 0, component), factor
    tier = "standard"
    for suffix, service_tier in _TIER_SUFFIXES.items():
        if name.endswith(suffix):
            name, tier = name.removesuffix(suffix), service_tier
    threshold = 0
    above = _ABOVE.search(name)
    if above:
        name, threshold = name[: above.start()], int(above[1]) * 1000
    if name not in _KEYS:
        return None
    component, factor = _KEYS[name]
    return (tier, threshold, component), factor


def _take(
    reading: MapReading,
    offer: Offer,
    cell: Cell,
    price: Decimal,
    written: Decimal | None = None,
) -> None:
    if price == 0:
        reading.zero_count += 1
        return
    exact = _exact(price, is_hour=cell[2] == "audio_hour")
    if exact is None or (cell[2] in ("input", "output") and exact > MAX_TOKEN_PRICE):
        shown = price if written is None else written
        reading.absurd.append(f"{offer.key}: {cell[2]} {cell[0]} {shown}")
        return
    offer.prices[cell] = exact


def _exact(price: Decimal, is_hour: bool) -> Decimal | None:
    """A price with at most 9 decimals, without the noise of binary floats; None if it has more."""
    if price < 0:
        return None
    if is_hour:
        rounded = price.quantize(HOUR_STEP)
        if abs(rounded - price) <= price * HOUR_NOISE:
            return rounded
    for decimals in (6, MAX_DECIMALS):
        rounded = price.quantize(Decimal(1).scaleb(-decimals))
        if abs(rounded - price) <= price * NOISE:
            return rounded
    return None


def _drop_alternatives(offer: Offer) -> None:
    """Images, characters and hours are another way to say what the tokens of an entry cost."""
    components = {component for _, _, component in offer.prices}
    tokens = {"output", "output_image", "output_audio"} & components
    hours = "audio_hour" in components and "output" in components
    for cell in list(offer.prices):
        if (tokens and cell[2] in _INSTEAD_OF_TOKENS) or (hours and cell[2] == "audio_hour"):
            del offer.prices[cell]


def _read_rules(reading: MapReading, offer: Offer, entry: Mapping[str, Any]) -> None:
    """What the entry says besides prices: a factor for US-only, weekdays, free searches."""
    rules = entry.get("provider_specific_entry") or {}
    if "us" in rules:
        offer.us_factor = Decimal(rules["us"])
    for window in (entry.get("off_peak_pricing") or {}).get("windows", ()):
        if window.get("hours_utc") == "00:00-00:00":
            offer.off_peak_days = "".join(str(int(day)) for day in sorted(window["weekdays"]))
    free = entry.get("search_free_requests")
    if free:
        reading.free_searches.append(
            FreeSearches(
                offer.provider,
                offer.key,
                Decimal(free["count"]),
                str(free["period"]),
                str(free.get("shared_group") or ""),
            )
        )
