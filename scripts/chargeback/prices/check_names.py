"""Checks the seeds that name things: providers, model_aliases, model_tiers."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from chargeback.errors import ChargebackError
from chargeback.prices.aliases import Alias, read_alias_file, resolve
from chargeback.prices.book import PriceRow
from chargeback.prices.check import Finding
from chargeback.prices.tiers import TierRow, read_tiers


def check_names(
    rows: Iterable[PriceRow], aliases_path: Path, providers_path: Path, tiers_path: Path
) -> list[Finding]:
    """Findings in the three seeds, against the models and providers of the price book."""
    priced = {(row.provider, row.model) for row in rows}
    return sorted(
        [
            *_aliases(read_alias_file(aliases_path), priced, aliases_path),
            *_providers(providers_path, priced),
            *_tiers(read_tiers(tiers_path), priced, tiers_path.name),
        ]
    )


def read_deployed(path: Path) -> set[tuple[str, str]]:
    """(provider, model) behind the company's deployments; none without the file."""
    if not path.exists():
        return set()
    return set(zip(_column(path, "provider"), _column(path, "model"), strict=True))


def _aliases(aliases: list[Alias], priced: set[tuple[str, str]], path: Path) -> Iterator[Finding]:
    written = _column(path, "priority")
    first: dict[tuple[str, str, str], int] = {}
    by_provider: dict[str, list[Alias]] = defaultdict(list)
    for alias in aliases:
        by_provider[alias.provider].append(alias)
    for number, alias in enumerate(aliases, start=2):
        name = f"{alias.provider} {alias.match_type} {alias.pattern!r}"
        if not alias.pattern or alias.pattern != alias.pattern.lower():
            yield Finding(path.name, number, "pattern", f"{name}: must be in lower case")
        if (alias.provider, alias.model) not in priced:
            yield Finding(path.name, number, "model", f"{name}: {alias.model!r} has no price")
        if written[number - 2] != str(alias.priority):
            yield Finding(path.name, number, "priority", f"{name}: must be {alias.priority}")
        known = first.setdefault(alias.key, number)
        if known != number:
            yield Finding(path.name, number, "pattern", f"{name}: the same key as row {known}")
        rivals = {
            a.model for a in resolve(by_provider[alias.provider], alias.provider, alias.pattern)
        }
        if len(rivals) > 1:
            listed = ", ".join(sorted(rivals))
            yield Finding(path.name, number, "pattern", f"{name}: is ambiguous between {listed}")


def _providers(path: Path, priced: set[tuple[str, str]]) -> Iterator[Finding]:
    aliases, names = _column(path, "provider_alias"), _column(path, "provider")
    first: dict[str, int] = {}
    for number, (alias, name) in enumerate(zip(aliases, names, strict=True), start=2):
        if not alias or alias != alias.lower().strip():
            yield Finding(path.name, number, "provider_alias", f"{alias!r}: must be in lower case")
        if not name:
            yield Finding(path.name, number, "provider", f"{alias!r}: is empty")
        known = first.setdefault(alias, number)
        if known != number:
            yield Finding(path.name, number, "provider_alias", f"{alias!r}: also in row {known}")
    for provider in sorted({provider for provider, _ in priced} - set(names)):
        yield Finding(path.name, 1, "provider", f"{provider!r} has prices and no row")


def _tiers(tiers: list[TierRow], priced: set[tuple[str, str]], file: str) -> Iterator[Finding]:
    seen: dict[tuple[str, str], int] = {}
    for number, (provider, model, _, _) in enumerate(tiers, start=2):
        if (provider, model) not in priced:
            yield Finding(file, number, "model", f"{provider}/{model} has no price")
        known = seen.setdefault((provider, model), number)
        if known != number:
            yield Finding(file, number, "model", f"{provider}/{model}: also in row {known}")
    for provider, model in sorted(priced - set(seen)):
        yield Finding(file, 1, "model", f"{provider}/{model} has no row")


def _column(path: Path, name: str) -> list[str]:
    if not path.exists():
        raise ChargebackError(f"{path.name} is missing: run chargeback prices refresh")
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if name not in (reader.fieldnames or []):
            raise ChargebackError(f"{path.name}: missing column {name}")
        return [record[name] or "" for record in reader]
