"""Under which names a model of the price book may be logged so that both sides know it."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chargeback.prices.aliases import Alias, read_alias_file, resolve
from prices.genai import names_of

Model = tuple[str, str]


@dataclass(frozen=True)
class Names:
    """How a model may be logged.

    `models`: names that we take for this model; where genai-prices knows it, names that both do if
    there is one. `differing`: names that we take for it and genai-prices for none, or for another.
    `deployment`: where no name leads to it, the one that a company would give it.
    """

    providers: Sequence[str]
    models: Sequence[str]
    differing: Sequence[str] = ()
    deployment: str = ""


def find_names(
    seeds: Path, models: Iterable[Model], theirs: Mapping[Model, tuple[Any, Any]], providers: Any
) -> dict[Model, Names]:
    """Names of each model."""
    by_provider: dict[str, list[Alias]] = defaultdict(list)
    candidates: dict[Model, list[str]] = {model: [model[1]] for model in models}
    for alias in read_alias_file(seeds / "model_aliases.csv"):
        by_provider[alias.provider].append(alias)
        candidates[alias.provider, alias.model].extend(names_of(alias))
    logged_providers = _logged_providers(seeds)
    found = {}
    for (provider, model), names in candidates.items():
        ours = [
            name
            for name in dict.fromkeys(names)
            if {alias.model for alias in resolve(by_provider[provider], provider, name)} == {model}
        ]
        same, differing = ours, []
        if (provider, model) in theirs:
            asked, wanted = theirs[provider, model]
            same = [n for n in ours if asked.find_model(n, all_providers=providers) is wanted]
            differing = [name for name in ours if name not in same]
        deployment = "" if ours else f"our {model} at {provider}"
        found[provider, model] = Names(
            logged_providers[provider], same or ours or [deployment], differing, deployment
        )
    return found


def _logged_providers(seeds: Path) -> dict[str, list[str]]:
    with (seeds / "providers.csv").open(encoding="utf-8", newline="") as file:
        found = defaultdict(list)
        for row in csv.DictReader(file):
            found[row["provider"]].append(row["provider_alias"])
        return found
