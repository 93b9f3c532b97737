"""genai-prices asked in the price book's words: its models, contexts, and names it is asked by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from chargeback.prices.aliases import Alias
from chargeback.prices.package import CONTEXTS

DATES = ("20250514", "2025-05-14")


def names_of(alias: Alias) -> Iterator[str]:
    """Names as logs have them that the pattern is meant for."""
    if "date pattern" in alias.source:
        begun = re.search(r"\d*$", alias.pattern)[0]
        yield from (alias.pattern + date.removeprefix(begun) for date in DATES)
        return
    yield alias.pattern
    if alias.match_type == "prefix":
        yield alias.pattern + "-20250514"
        yield alias.pattern + "-preview"
    if alias.match_type == "suffix":
        yield "us." + alias.pattern
    if alias.match_type == "contains":
        yield f"bedrock/us.{alias.pattern}-v1:0"


def package_models(providers: Sequence[Any]) -> dict[tuple[str, str], tuple[Any, Any]]:
    """(provider, model) of the price book -> the package's own, borrowed ones too."""
    by_id = {provider.id: provider for provider in providers}
    found: dict[tuple[str, str], tuple[Any, Any]] = {}
    for provider in providers:
        for owner in (provider.id, *(provider.fallback_model_providers or ())):
            for model in by_id[owner].models:
                found.setdefault((provider.id, model.id.lower()), (provider, model))
    return found


def context(tier: str, model: Any) -> dict[str, str] | None:
    """The request context that stands for a service tier."""
    if tier == "fast" and any(v.when == {"speed": "fast"} for v in model.price_variants or ()):
        return {"speed": "fast"}
    return CONTEXTS.get(tier)
