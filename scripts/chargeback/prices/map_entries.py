"""What each entry of LiteLLM's map prices: a model of the rows, one the map alone has, a region.

A Bedrock name with a geography (`us.anthropic...`) is a model where the rows have one for it
(`regional.anthropic...`), else a region of the model behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from chargeback.prices.aliases import Alias, resolve
from chargeback.prices.litellm_map import Offer

#: What Bedrock and genai-prices put before a name to say where the model runs.
GEOGRAPHIES = ("regional", "global", "us", "eu", "apac", "au", "jp", "in", "ca")

Model = tuple[str, str]
#: 'same': the entry means that model. 'like': its name only fits a pattern of it.
Kind = Literal["same", "like"]


@dataclass
class Entries:
    """The map's entries by what they mean."""

    known: dict[Model, list[tuple[Kind, Offer]]] = field(default_factory=lambda: defaultdict(list))
    new: dict[Model, list[Offer]] = field(default_factory=lambda: defaultdict(list))
    regional: dict[tuple[str, str, str], list[Offer]] = field(
        default_factory=lambda: defaultdict(list)
    )


def sort_out(offers: Iterable[Offer], aliases: Iterable[Alias], models: set[Model]) -> Entries:
    """The entries by the model of the rows, or the new model, that they price."""
    by_provider: dict[str, list[Alias]] = defaultdict(list)
    for alias in aliases:
        by_provider[alias.provider].append(alias)
    found = Entries()
    later: list[Offer] = []
    for offer in sorted(offers, key=_preference):
        known = by_provider[offer.provider]
        kind, model = _meaning(known, offer, offer.geo_model or offer.model, models)
        is_apart = offer.region == "us-gov" or not (model and _is_geographic(model[1]))
        if offer.geo_model and model and is_apart:
            kind, model = _meaning(known, offer, offer.model, models)
            if model and kind == "same":
                found.regional[(*model, offer.region)].append(offer)
        elif model and model not in models and not offer.region:
            found.new[model].append(offer)
        elif model and (offer.geo_model or not offer.region):
            found.known[model].append((kind, offer))
        elif model and kind == "same":
            found.regional[(*model, offer.region)].append(offer)
        elif not model and (offer.region or offer.geo_model):
            later.append(offer)
        elif not model:
            found.new[(offer.provider, offer.model)].append(offer)
    for offer in later:
        base = found.new.get((offer.provider, offer.model))
        if offer.geo_model and (not base or base[0].prices != offer.prices):
            found.new[(offer.provider, offer.geo_model)].append(offer)
        elif base and not offer.geo_model:
            found.regional[(offer.provider, offer.model, offer.region)].append(offer)
    return found


def _preference(offer: Offer) -> tuple[bool, str]:
    """Google's own API before its cloud, a plain key before one with segments."""
    return (offer.provider == "google" and not offer.key.startswith("gemini/"), offer.key)


def _meaning(
    aliases: list[Alias], offer: Offer, name: str, models: set[Model]
) -> tuple[Kind, Model | None]:
    if (offer.provider, name) in models:
        return "same", (offer.provider, name)
    found = resolve(aliases, offer.provider, name)
    if len({alias.model for alias in found}) != 1:
        return "like", None
    alias = found[0]
    is_same = alias.match_type == "exact" or (offer.provider == "aws" and alias.pattern in name)
    return ("same" if is_same else "like"), (offer.provider, alias.model)


def _is_geographic(model: str) -> bool:
    return model.split(".", 1)[0] in GEOGRAPHIES
